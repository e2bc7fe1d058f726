#pragma once

#include "core/result.h"

#include <filesystem>

namespace trendscope::app {

/// Where this program is; everything else is found from there, in the build tree as when installed.
std::filesystem::path programFile();

/// Holds config/ and dashboards/.
std::filesystem::path shareDirectory();

/// Loads libtrendscope-console.so and returns its function of that name.
///
/// Loaded on demand, so that commands without a window need no library of Qt. It stays loaded.
/// Errors: NotFound, when it is not installed; System, when it can not be loaded.
template <class Function>
Result<Function *> consoleFunction(const char *name);

/// The same without its type; see consoleFunction().
Result<void *> consoleSymbol(const char *name);

template <class Function>
Result<Function *> consoleFunction(const char *name)
{
    return consoleSymbol(name).map(
        [](void *symbol) { return reinterpret_cast<Function *>(symbol); });
}

} // namespace trendscope::app
