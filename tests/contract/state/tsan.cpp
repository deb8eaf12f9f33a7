// RocksDB and its compressors come from Debian without the thread sanitizer's instrumentation: the sanitizer
// sees its copies of bytes, but not the atomics that order them.
extern "C" const char* __tsan_default_suppressions();  // NOLINT: the sanitizer's name
extern "C" const char* __tsan_default_suppressions() {
    return "race:librocksdb.so\nrace:libzstd.so\nrace:liblz4.so\n";
}
