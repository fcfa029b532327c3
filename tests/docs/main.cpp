// Prints docs/operators.md (`make docs`).
#include <iostream>

#include "tests/support/operators_table.h"

int main() { std::cout << sectile::internal::test::operators_table(); }
