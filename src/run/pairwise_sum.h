// PairwiseSum: numbers added up in double precision as a tree of halves.
//
// The tree depends on the order of the numbers alone, not on when they come; an error of rounding
// grows with the logarithm of their number.
// Source: N. J. Higham, The accuracy of floating point summation, 1993.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace sectile::internal {

class PairwiseSum {
 public:
  void add(double number) {
    // As a binary counter carries: sums of as many numbers are joined.
    for (std::int64_t carry = count_++; (carry & 1) != 0; carry >>= 1) {
      number += sums_.back();
      sums_.pop_back();
    }
    sums_.push_back(number);
  }

  double total() const {
    double total = 0;
    for (std::size_t i = sums_.size(); i-- > 0;) total += sums_[i];
    return total;
  }

 private:
  std::vector<double> sums_;  // of 2^k numbers each, the largest first
  std::int64_t count_ = 0;
};

}  // namespace sectile::internal
