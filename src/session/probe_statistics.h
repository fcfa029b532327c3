// Whether statistics are added up here as ExecuTorch adds them up.
#pragma once

#include "sectile/result.h"
#include "src/run/statistics.h"

namespace sectile::internal {

// How XNNPACK rounds squares on this processor. Measured once in the process: tiny programs are run
// for every kind of statistic, and for the norms that apply them, and the bits compared with those
// of Summation and normalize().
// Errors: unsupported: ExecuTorch computes one of them otherwise here than Sectile knows of.
Result<SquareRounding> probe_statistics();

}  // namespace sectile::internal
