#include "core/observability/log_call.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>

namespace trendscope::observability {

namespace {

/// The name as in the source, of the exception that is being handled; empty for one of another
/// language.
std::string typeOfCurrentException()
{
    const std::type_info *const type = abi::__cxa_current_exception_type();
    if (!type)
        return {};
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
    return name ? name.get() : type->name();
}

} // namespace

LoggedCall::LoggedCall(const Logger &logger, std::string_view name, std::source_location location)
    : m_logger(logger)
    , m_name(name)
    , m_location(location)
    , m_exceptions(std::uncaught_exceptions())
{
    m_logger.debug("Call begins", {{"call", m_name}}, m_location);
}

LoggedCall::~LoggedCall()
{
    if (m_hasEnded)
        return;
    if (std::uncaught_exceptions() > m_exceptions)
        fail("an exception left the scope");
    else
        m_logger.debug("Call ended", {{"call", m_name}, {"duration_seconds", elapsed()}},
                       m_location);
}

void LoggedCall::fail(std::string_view error, std::string_view errorType) noexcept
{
    m_hasEnded = true;
    const Value duration = elapsed();
    if (errorType.empty())
        m_logger.error("Call failed",
                       {{"call", m_name}, {"duration_seconds", duration}, {"error", error}},
                       m_location);
    else
        m_logger.error("Call failed",
                       {{"call", m_name},
                        {"duration_seconds", duration},
                        {"error", error},
                        {"error_type", errorType}},
                       m_location);
}

void LoggedCall::failWithCurrentException() noexcept
try {
    const std::string type = typeOfCurrentException();
    try {
        throw;
    } catch (const std::exception &exception) {
        fail(exception.what(), type);
    } catch (...) {
        fail("an exception without a text", type);
    }
} catch (...) {
    fail("an exception"); // there was no memory to tell more
}

} // namespace trendscope::observability
