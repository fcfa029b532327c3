#include "sectile/footprint.h"

namespace sectile {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
      return "exact";
    case Verdict::not_exact:
      return "not_exact";
    case Verdict::unsupported:
      return "unsupported";
  }
  return "unsupported";
}

}  // namespace sectile
