// Prints docs/formats.md (`make docs`).
#include <iostream>

#include "tests/image/gdal_formats.h"

int main() { std::cout << sectile::internal::testing::formats_page(); }
