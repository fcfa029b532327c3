// The measured constants that predictions of time and memory rest on, in physical units.
//
// A prediction counts what a run does (multiply-adds, table entries, bytes, steps) and multiplies
// each count with a constant from here. Only ratios of times decide which plan is taken, so a
// machine that is slower or faster at everything gets the same plans. `make calibrate` measures the
// times on the machine at hand and prints them beside these; nothing is written back by itself.
//
// Measured on: unless a line says otherwise, virtual machines on Intel Xeons with AVX-512 and 2 MiB
// of second-level cache a core, one thread, ExecuTorch 1.5 (docs/decisions has the numbers).
//
// Not here, because they are no measurements of a machine:
// - what XNNPACK lays out in memory and how its kernels count (src/graph/operators): 8-byte
//   pointers in indirection buffers, output channels in blocks of 16, operations per value. One of
//   them was measured, but is a ratio inside one kernel and not a time: a turn to another pixel of
//   a window takes as long as 4 input channels (common.cpp).
// - sizes of Sectile's own structures, which stand beside them (run_memory.h, held_memory.cpp,
//   stream_candidates.cpp);
// - what is asked of the machine at run time (src/base/system.h): the core's cache, free memory;
// - choices of what to try and what to prefer (planner.cpp, tile_candidates.cpp).
#pragma once

#include <cstdint>

namespace sectile::internal {

// All rates are of one core.
struct TimeModel {
  // XNNPACK's f32 convolutions of 16 channels and more.
  double multiply_adds_per_second = 85e9;

  // XNNPACK filling an indirection buffer: 3x3 convolutions of 16 to 64 channels (decision 14).
  double seconds_per_table_pointer = 1.294e-9;

  // Values that leave the core's cache between two layers, and rows that a stream copies. Streams
  // of 2 to 16 rows a step, caches of 1 MiB (AMD EPYC) and 2 MiB (decision 37).
  double seconds_per_copied_byte = 1 / 34e9;

  // The first write to memory, when the system clears its page: 0.23 ms per MiB (decision 13).
  double seconds_per_first_touched_byte = 0.2235e-9;

  // One value of an image file: GDAL, the change of type, and the copy to or from a strip. 8-bit
  // TIFF, uncompressed.
  double seconds_per_file_value = 7.06e-9;

  // One value of an image that is added up to statistics: the sums and squares of an instance norm,
  // 16 channels of 4.2 megapixels.
  double seconds_per_summed_value = 0.8e-9;

  // One byte of an image that one pass keeps and a later one reads, each way: copies between strips
  // and memory, or the system's file cache.
  double seconds_per_kept_byte = 0.7e-9;

  // One value of an output file while a row of its blocks is written: 8-bit TIFF of three bands,
  // uncompressed, while other threads compute (decision 59).
  double seconds_per_written_value = 17e-9;

  // A tile, or a step of a stream, beside its work: the call of the method and the handing over of
  // rows; and for each node, its call and its pointers to the row buffers. Processor time of
  // streams down images of 8 to 32 columns, carried on to none, files included: 11 microseconds
  // with 1 and with 4 nodes, 18 with 9, 20 with 12.
  double seconds_per_step = 9e-6;
  double seconds_per_step_node = 1e-6;

  // Writing the program of a step and loading it; and packing its weights: a U-Net on ConvNeXt,
  // 30 MiB in 30 ms.
  double seconds_per_program = 1e-3;
  double seconds_per_packed_byte = 1e-9;

  // Seconds of convolutions' work, which is counted in multiply-adds.
  constexpr double computing(double multiply_adds) const {
    return multiply_adds / multiply_adds_per_second;
  }
  // Seconds of a tile or a step beside its work.
  constexpr double calling(std::int64_t nodes) const {
    return seconds_per_step + seconds_per_step_node * static_cast<double>(nodes);
  }
  constexpr double work_per_kept_byte() const {
    return seconds_per_kept_byte * multiply_adds_per_second;
  }
};

// Heap of ExecuTorch, XNNPACK and the process: glibc's malloc, 64-bit pointers.
struct MemoryModel {
  // What XNNPACK and ExecuTorch hold for a node beside weights and tables. A network of a thousand
  // nodes.
  std::int64_t bytes_per_node = std::int64_t{9} << 10;

  // What programs that were loaded before the current one leave in a lane's heap, for each node of
  // the current one: 350 convolutions in steps of 4 to 32 rows (decision 16).
  std::int64_t heap_residue_bytes_per_node = std::int64_t{9} << 10;

  // What the first run of a process takes for good: pages of the code of ExecuTorch and XNNPACK,
  // their tables, the stacks of threads. Measured with examples/embed.cpp: 2 MiB.
  std::int64_t first_run_bytes = std::int64_t{4} << 20;

  // What each thread of ExecuTorch's pool after the first takes: its heap and its stack. MobileNet
  // over a whole image on two threads.
  std::int64_t pool_thread_bytes = std::int64_t{2} << 20;
};

inline constexpr TimeModel kTimeModel{};
inline constexpr MemoryModel kMemoryModel{};

}  // namespace sectile::internal
