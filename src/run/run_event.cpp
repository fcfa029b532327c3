#include "sectile/options.h"

namespace sectile {

const char* to_string(RunEvent::Kind kind) {
  switch (kind) {
    case RunEvent::Kind::worker_begun:
      return "worker_begun";
    case RunEvent::Kind::strip_read:
      return "strip_read";
    case RunEvent::Kind::step_computed:
      return "step_computed";
    case RunEvent::Kind::strip_written:
      return "strip_written";
  }
  return "?";
}

}  // namespace sectile
