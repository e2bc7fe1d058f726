#include "app/installation.h"

#include <dlfcn.h>

#include <array>

namespace trendscope::app {

namespace fs = std::filesystem;

fs::path programFile()
{
    std::error_code failure;
    return fs::read_symlink("/proc/self/exe", failure);
}

fs::path shareDirectory()
{
    return programFile().parent_path().parent_path() / "share/trendscope";
}

Result<void *> consoleSymbol(const char *name)
{
    const fs::path root = programFile().parent_path().parent_path();
    const std::array places{root / "lib/libtrendscope-console.so",
                            root / TRENDSCOPE_LIBDIR / "libtrendscope-console.so"};
    for (const fs::path &place : places) {
        std::error_code failure;
        if (!fs::exists(place, failure))
            continue;
        void *const module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
        void *const symbol = module ? ::dlsym(module, name) : nullptr;
        if (!symbol)
            return tl::unexpected(
                Error{Error::Kind::System, "The console can not be loaded", ::dlerror()});
        return symbol;
    }
    return tl::unexpected(Error{
        Error::Kind::NotFound,
        "The console is not installed: there is no libtrendscope-console.so in "
            + places[0].parent_path().string()
            + "; install the package trendscope-console, or build the target trendscope_console",
        {}});
}

} // namespace trendscope::app
