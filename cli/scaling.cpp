#include "cli/scaling.h"

#include <string>

#include "cli/options.h"
#include "cli/parse.h"

namespace sectile::cli {

namespace {

Result<bool> parse_input_units(const std::string& text) {
  if (text == "input") return true;
  return fail(ErrorCode::invalid_argument, "'" + text + "' is not a kind of units; write input");
}

}  // namespace

void add_scaling_options(CLI::App& command, InputScaling& input, OutputArgument& output) {
  add_parsed(command, "--input-scale", input.scale, parse_scale,
             "Factor for the input's pixels (default: 1 / their largest value)")
      ->type_name("X");
  add_parsed(command, "--input-mean", input.mean, parse_means,
             "Mean subtracted after scaling, per channel (default: 0)")
      ->type_name("A[,B,C]");
  add_parsed(command, "--input-std", input.std, parse_deviations,
             "Deviation divided by after that, per channel (default: 1)")
      ->type_name("A[,B,C]");
  add_parsed(command, "--nodata-fill", input.fill, parse_means,
             "What the network gets, after that, where pixels are no data (default: 0)")
      ->type_name("A[,B,C]");
  auto* scale = add_parsed(command, "--output-scale", output.scaling.scale, parse_scales,
                           "Factor for the network's output, per channel (default: the largest\n"
                           "value of the output's pixels: 255 for u8, 1 for f32)")
                    ->type_name("A[,B,C]");
  auto* offset = add_parsed(command, "--output-offset", output.scaling.offset, parse_means,
                            "Added after that, per channel (default: 0)")
                     ->type_name("A[,B,C]");
  add_parsed(command, "--output-units", output.input_units, parse_input_units,
             "input: undo --input-scale, mean and std, so that pixels mean what the input's do")
      ->type_name("input")
      ->excludes(scale)
      ->excludes(offset);
}

OutputScaling scaling_of(const OutputArgument& output, const InputScaling& input,
                         const ImageInfo& image) {
  return output.input_units ? to_input_units(input, image) : output.scaling;
}

ImageInfo as_scaled(ImageInfo image, const InputScaling& input, const OutputArgument& output) {
  const bool by_default = !input.scale && input.mean.empty() && input.std.empty() &&
                          output.scaling.scale.empty() && output.scaling.offset.empty();
  if (output.input_units || by_default) return image;
  forget_units(image.metadata);
  return image;
}

}  // namespace sectile::cli
