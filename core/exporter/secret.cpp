#include "core/exporter/secret_p.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace trendscope::exporter {

Result<std::string> readFirstLine(const std::filesystem::path &file)
{
    std::ifstream in(file);
    std::string line;
    if (in && std::getline(in, line)) {
        if (line.ends_with('\r'))
            line.pop_back();
        return line;
    }
    const int error = errno;
    if (!in.is_open())
        return tl::unexpected(
            Error{error == ENOENT ? Error::Kind::NotFound : Error::Kind::System,
                  file.string() + " can not be read: " + std::generic_category().message(error),
                  {}});
    return tl::unexpected(Error{
        Error::Kind::Invalid, file.string() + " has no first line, which is to be the secret", {}});
}

Result<std::optional<std::string>> secretFrom(const std::string &variable,
                                              const std::filesystem::path &file)
{
    if (!variable.empty()) {
        if (const char *const value = std::getenv(variable.c_str()))
            return value;
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "the environment has no variable " + variable + ", which is to hold the secret",
                  {}});
    }
    if (file.empty())
        return std::nullopt;
    auto line = readFirstLine(file);
    if (!line)
        return tl::unexpected(line.error());
    return std::move(*line);
}

} // namespace trendscope::exporter
