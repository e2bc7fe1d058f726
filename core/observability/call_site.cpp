#include "core/observability/call_site_p.h"
#include "core/observability/json_p.h"

#include <ctime>
#include <memory>

namespace trendscope::observability {

namespace {

std::string_view nameOfFile(std::string_view file)
{
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos)
        file.remove_prefix(slash + 1);
    return file;
}

/// Where the parameter list begins; brackets of templates and of names like {anonymous} are
/// skipped.
std::size_t parametersOf(std::string_view signature)
{
    int depth = 0;
    for (std::size_t i = 0; i < signature.size(); ++i) {
        if (signature[i] == '<')
            ++depth;
        else if (signature[i] == '>')
            --depth;
        else if (signature[i] == '(' && depth <= 0 && signature.substr(i, 11) != "(anonymous ")
            return i;
    }
    return signature.size();
}

bool isNameCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Where the name of an operator begins; npos in other functions, also in those whose parameters
/// have one in their names.
std::size_t operatorOf(std::string_view signature)
{
    constexpr std::string_view word = "operator";
    const auto at = signature.substr(0, parametersOf(signature)).find(word);
    if (at == std::string_view::npos || (at > 0 && isNameCharacter(signature[at - 1])))
        return std::string_view::npos;
    const auto end = at + word.size();
    return end < signature.size() && isNameCharacter(signature[end]) ? std::string_view::npos : at;
}

/// `void (* get(int))(char)`, which returns a pointer or a reference to a function: the bracket in
/// which its name is; else the parameters'.
std::string_view declaratorOf(std::string_view signature)
{
    const std::size_t bracket = parametersOf(signature);
    if (bracket == 0 || bracket >= signature.size() || signature[bracket - 1] != ' ')
        return signature;
    const std::string_view inside = signature.substr(bracket + 1);
    const auto mark = inside.find_first_of("*&(),");
    const bool isPointer =
        mark != std::string_view::npos && (inside[mark] == '*' || inside[mark] == '&');
    return isPointer ? inside.substr(mark) : signature;
}

std::string jsonOf(const std::source_location &location)
{
    std::string out = R"(,"module":)";
    json::appendString(out, moduleOf(location.file_name()));
    json::appendString(out += R"(,"function":)", functionOf(location.function_name()));
    return out + R"(,"line":)" + std::to_string(location.line());
}

/// Since the system's start; a coarse clock is enough and costs a fifth.
std::uint32_t currentSecond()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::uint32_t>(now.tv_sec);
}

} // namespace

std::string_view moduleOf(std::string_view file)
{
    file = nameOfFile(file);
    return file.substr(0, file.find('.'));
}

std::string_view functionOf(std::string_view signature)
{
    if (const auto lambda = signature.find("::<lambda"); lambda != std::string_view::npos)
        signature = signature.substr(0, lambda);
    if (const auto op = operatorOf(signature); op != std::string_view::npos) {
        constexpr std::size_t wordSize = 8;
        const bool isCall = signature.substr(op + wordSize, 2) == "()";
        const auto parameters = signature.find('(', op + wordSize + (isCall ? 2 : 0));
        return signature.substr(op, parameters - op); // npos - op is as good as npos
    }
    signature = declaratorOf(signature);
    signature = signature.substr(0, parametersOf(signature));

    int depth = 0;
    for (std::size_t i = signature.size(); i > 0; --i) {
        const char c = signature[i - 1];
        if (c == '>')
            ++depth;
        else if (c == '<')
            --depth;
        else if (depth == 0 && (c == ':' || c == ' ' || c == '*' || c == '&'))
            return signature.substr(i);
    }
    return signature;
}

CallSite::CallSite(const std::source_location &location)
    : json(jsonOf(location))
    , readable(std::string(nameOfFile(location.file_name())) + ':'
               + std::to_string(location.line()))
    , m_location(location)
{
}

bool CallSite::admits(CallSiteLimit limit) const
{
    if (limit.perSecond == 0 && limit.thenEvery == 0)
        return true;
    constexpr unsigned secondAt = 32;
    if (limit.perSecond > 0) {
        const std::uint64_t second = std::uint64_t{currentSecond()} << secondAt;
        std::uint64_t window = m_window.load(std::memory_order_relaxed);
        std::uint64_t next = 0;
        do {
            const bool isSameSecond = window >> secondAt == second >> secondAt;
            const auto count = isSameSecond ? static_cast<std::uint32_t>(window) : 0;
            next = count < limit.perSecond ? second + count + 1 : 0;
        } while (next != 0
                 && !m_window.compare_exchange_weak(window, next, std::memory_order_relaxed));
        if (next != 0)
            return true;
    }
    if (limit.thenEvery > 0
        && m_beyond.fetch_add(1, std::memory_order_relaxed) % limit.thenEvery == 0)
        return true;
    m_suppressed.fetch_add(1, std::memory_order_relaxed);
    return false;
}

std::uint64_t CallSite::takeSuppressed() const
{
    // Almost always 0: no write to what other threads read then.
    return m_suppressed.load(std::memory_order_relaxed) == 0
        ? 0
        : m_suppressed.exchange(0, std::memory_order_relaxed);
}

CallSites::~CallSites()
{
    for (const auto &head : m_heads) {
        for (const CallSite *site = head.load(); site;) {
            const std::unique_ptr<const CallSite> ended(site);
            site = site->m_next;
        }
    }
}

const CallSite &CallSites::at(const std::source_location &location)
{
    constexpr std::size_t prime = 31;
    const auto file = reinterpret_cast<std::uintptr_t>(location.file_name());
    auto &head = m_heads[(file / 8 + location.line() * prime + location.column()) % size];
    const CallSite *first = head.load(std::memory_order_acquire);
    for (const CallSite *site = first; site; site = site->m_next) {
        if (site->isAt(location))
            return *site;
    }
    auto made = std::make_unique<CallSite>(location);
    do {
        // Another thread may have been first.
        for (const CallSite *site = first; site; site = site->m_next) {
            if (site->isAt(location))
                return *site;
        }
        made->m_next = first;
    } while (!head.compare_exchange_weak(first, made.get(), std::memory_order_acq_rel));
    return *made.release();
}

} // namespace trendscope::observability
