// What the thread sanitizer is told when it starts: ExecuTorch's libraries are not instrumented, so
// it does not see the locks of their own thread pool, which whole-image runs use.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:libexecutorch_backend_xnnpack.so\n";
}
#endif
