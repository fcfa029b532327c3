// Contender: one run of ExecuTorch over the whole image, with its own thread pool. Nothing of
// Sectile is in it. The program is exported at the picture's size.
#include <executorch/extension/module/module.h>
#include <executorch/extension/tensor/tensor_ptr.h>
#include <gdal.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "contender.h"

// ExecuTorch's package has the library of its thread pool but not the header. These are declared
// there, and exported by the library.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  std::size_t get_thread_count() const;
  bool _unsafe_reset_threadpool(std::uint32_t threads);  // NOLINT(readability-identifier-naming)
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace {

using executorch::extension::Module;
using peers::Case;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

class ExecutorchWhole final : public peers::Contender {
 public:
  explicit ExecutorchWhole(const Case& c) : case_(c) {
    if (case_.from_file_to_file()) GDALAllRegister();
  }

  std::string load() override {
    auto* pool = executorch::extension::threadpool::get_threadpool();
    pool->_unsafe_reset_threadpool(static_cast<std::uint32_t>(case_.number("threads")));
    module_ = std::make_unique<Module>(case_.text("program"), Module::LoadMode::Mmap);
    require(module_->load_forward() == executorch::runtime::Error::Ok, "cannot load the program");
    if (case_.from_file_to_file()) {
      pixels_.resize(static_cast<std::size_t>(case_.values()));
    } else {
      pixels_ = peers::read_raw(case_);
    }
    return std::to_string(pool->get_thread_count()) + " threads in the pool";
  }

  double run() override {
    return peers::seconds_of([&] {
      if (case_.from_file_to_file()) read_file();
      forward();
      if (case_.from_file_to_file()) write_file();
    });
  }

  std::span<const float> output() const override { return output_; }

 private:
  void forward() {
    using Dim = executorch::aten::SizesType;
    const auto dim = [&](const char* key) { return static_cast<Dim>(case_.number(key)); };
    const auto input = executorch::extension::make_tensor_ptr(
        {1, dim("channels"), dim("height"), dim("width")}, pixels_.data());
    const auto result = module_->forward(executorch::runtime::EValue(*input));
    require(result.ok(), "cannot execute");
    const executorch::aten::Tensor tensor = result->at(0).toTensor();
    output_ = {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
    require(tensor.dim() == 4, "the output is no image");
    size_ = {static_cast<int>(tensor.size(2)), static_cast<int>(tensor.size(3))};
  }

  // All bands of 8 bits, as floats from 0 to 1.
  void read_file() {
    GDALDatasetH file = GDALOpen(case_.text("input").c_str(), GA_ReadOnly);
    require(file != nullptr, "cannot open the picture");
    const int width = GDALGetRasterXSize(file);
    const int height = GDALGetRasterYSize(file);
    require(GDALDatasetRasterIO(file, GF_Read, 0, 0, width, height, pixels_.data(), width, height,
                                GDT_Float32, GDALGetRasterCount(file), nullptr, 0, 0, 0) == CE_None,
            "cannot read the picture");
    GDALClose(file);
    for (float& value : pixels_) value /= 255.0F;
  }

  void write_file() const {
    const auto [height, width] = size_;
    const auto area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const auto bands = static_cast<int>(output_.size() / area);
    std::vector<std::uint8_t> bytes(output_.size());
    // To nearest, halves away from zero, as all contenders do it.
    std::ranges::transform(output_, bytes.begin(), [](float value) {
      return static_cast<std::uint8_t>(std::lround(std::clamp(value * 255.0F, 0.0F, 255.0F)));
    });
    GDALDatasetH file = GDALCreate(GDALGetDriverByName("GTiff"), case_.text("output").c_str(),
                                   width, height, bands, GDT_Byte, nullptr);
    require(file != nullptr, "cannot create the output");
    require(GDALDatasetRasterIO(file, GF_Write, 0, 0, width, height, bytes.data(), width, height,
                                GDT_Byte, bands, nullptr, 0, 0, 0) == CE_None,
            "cannot write the output");
    GDALClose(file);
  }

  const Case& case_;
  std::unique_ptr<Module> module_;
  std::vector<float> pixels_;
  std::span<const float> output_;  // in the program's own memory
  std::pair<int, int> size_;       // of the output: height, width
};

}  // namespace

int main(int argc, char** argv) { return peers::converse<ExecutorchWhole>(argc, argv); }
