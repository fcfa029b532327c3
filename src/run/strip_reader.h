// StripReader: fills the input strips of a run, each row of the image read once and in order.
//
// A run that makes a window of the output reads a window of the image. The strips may hold more
// than that, on which the output's window does not depend: zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sectile/image.h"
#include "sectile/mask.h"
#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/run/input_parts.h"
#include "src/run/planes.h"
#include "src/run/scaling.h"

namespace sectile::internal {

class StripReader {
 public:
  // Reads `window` of the image; by default all of it. REQUIRES: a scaling for each band of the
  // source; `parts` as band_places(); the window lies in the image.
  StripReader(ImageSource& source, std::vector<BandScaling> scalings, const InputParts& parts = {},
              std::optional<Rect> window = {})
      : source_(source),
        scalings_(std::move(scalings)),
        places_(band_places(parts, source.info().bands)),
        window_(window.value_or(Rect::of(source.info().size))),
        next_row_(window_.y.begin) {}

  // Fills strip.rect: pixels that are no data with the scaling's fill; where that reaches beyond
  // the image, by repeating its inputs' edge. Rows that `previous` (the strip before, or no values)
  // holds are copied from there. Every row of the window down to the strip's end is read once and
  // in order, those that no strip holds too: a source may be a pipe.
  // REQUIRES: both span the same columns, among them the window's; strips come from top to bottom.
  // Errors: those of the source.
  Status read(const Planes& strip, const ConstPlanes& previous);

 private:
  Status read_pixels(Range rows);
  // Puts a row of the pixels read last, or one below the image, into the strip.
  // REQUIRES: that row, or the image's last one, is among the pixels read last.
  void take_row(const Planes& strip, std::int64_t row);
  void fill_masked(const Planes& strip, std::int64_t row);
  void fill_beside_window(const Planes& strip, std::int64_t row) const;
  void fill_below_window(const Planes& strip, std::int64_t row);
  void repeat_row_above(const Planes& strip, std::int64_t row) const;

  ImageSource& source_;
  std::vector<BandScaling> scalings_;
  std::vector<BandPlace> places_;
  Rect window_;                     // of the image
  std::int64_t next_row_ = 0;       // of the window, not read yet
  std::vector<float> pixels_;       // of the rows read last
  Range pixel_rows_;                // those
  std::vector<std::uint8_t> mask_;  // of one row
};

}  // namespace sectile::internal
