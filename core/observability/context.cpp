#include "core/observability/context_p.h"

#include <pthread.h>
#include <unwind.h>

#include <algorithm>

namespace trendscope::observability {

namespace {

constexpr std::size_t traceIdAt = 3; // after the version and its hyphen
constexpr std::size_t traceIdLength = 32;
constexpr std::size_t spanIdAt = traceIdAt + traceIdLength + 1;
constexpr std::size_t spanIdLength = 16;
constexpr std::size_t flagsAt = spanIdAt + spanIdLength + 1;
constexpr std::size_t versionZeroLength = flagsAt + 2;

bool isHexadecimal(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isId(std::string_view text)
{
    return isHexadecimal(text) && text.find_first_not_of('0') != std::string_view::npos;
}

struct Stack {
    const char *begin = nullptr;
    const char *end = nullptr;
};

/// The calling thread's stack; nothing when the system does not say.
Stack stackOfThread()
{
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0)
        return {};
    void *lowest = nullptr;
    std::size_t size = 0;
    ::pthread_attr_getstack(&attributes, &lowest, &size);
    ::pthread_attr_destroy(&attributes);
    return {static_cast<const char *>(lowest), static_cast<const char *>(lowest) + size};
}

/// Whether the object lies in the calling thread's stack; a coroutine's variables don't.
bool isInStack(const void *object)
{
    thread_local const Stack stack = stackOfThread();
    return !stack.begin || (object >= stack.begin && object < stack.end);
}

/// Tells two runs of a coroutine apart: by where in the program it was called or resumed, and at
/// which depth of the stack. Called by one of our functions that the coroutine calls; what is equal
/// all the same is a loop that resumes it again from the same place.
[[gnu::noinline]] std::size_t callersOf(const void *frame)
{
    struct Place {
        std::uintptr_t hash;
        int depth = 0;
    } place{reinterpret_cast<std::uintptr_t>(frame)};
    // Not backtrace(), which sanitizers put a function of theirs in front of.
    ::_Unwind_Backtrace(
        [](_Unwind_Context *context, void *argument) {
            constexpr int own = 4; // this one, the scope's two, and the coroutine, which goes on
            constexpr int deepest = 64;
            auto &at = *static_cast<Place *>(argument);
            if (at.depth++ >= own)
                at.hash = at.hash * 31 + ::_Unwind_GetIP(context);
            return at.depth < deepest ? _URC_NO_REASON : _URC_END_OF_STACK;
        },
        &place);
    return place.hash | 1U; // never 0
}

} // namespace

std::optional<Trace> parseTraceparent(std::string_view header)
{
    if (header.size() < versionZeroLength)
        return {};
    const std::string_view version = header.substr(0, 2);
    const std::string_view flags = header.substr(flagsAt, 2);
    const Trace trace{.traceId = header.substr(traceIdAt, traceIdLength),
                      .spanId = header.substr(spanIdAt, spanIdLength),
                      .requestId = {}};
    const bool hasSeparators =
        header[traceIdAt - 1] == '-' && header[spanIdAt - 1] == '-' && header[flagsAt - 1] == '-';
    // A later version may add fields after the flags; version 0 has none, and ff is forbidden.
    const bool hasEnd =
        header.size() == versionZeroLength || (version != "00" && header[versionZeroLength] == '-');
    if (!hasSeparators || !hasEnd || !isHexadecimal(version) || version == "ff"
        || !isHexadecimal(flags) || !isId(trace.traceId) || !isId(trace.spanId))
        return {};
    return trace;
}

constinit thread_local ContextNode *ContextNode::s_current [[gnu::tls_model("initial-exec")]] =
    nullptr;

ContextNode::ContextNode(std::shared_ptr<ContextNode> outer, const ContextNode *inherited)
    : m_outer(std::move(outer))
{
    if (!inherited)
        return;
    m_entries = inherited->m_entries;
    m_traceId = inherited->m_traceId;
    m_spanId = inherited->m_spanId;
    m_requestId = inherited->m_requestId;
}

Field ContextNode::Entry::field() const
{
    return {key, std::visit([](const auto &held) { return Value(held); }, value)};
}

void ContextNode::set(std::string_view key, OwnedValue value)
{
    const auto known = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&](const Entry &entry) { return entry.key == key; });
    if (known != m_entries.end())
        known->value = std::move(value);
    else
        m_entries.push_back({std::string(key), std::move(value)});
}

void ContextNode::add(const Field &field)
{
    set(field.key,
        std::visit(
            [](const auto &held) -> OwnedValue {
                if constexpr (std::is_same_v<decltype(held), const std::string_view &>)
                    return std::string(held);
                else
                    return held;
            },
            field.value.variant()));
    const auto *const text = std::get_if<std::string_view>(&field.value.variant());
    if (text && field.key == "request_id")
        m_requestId = *text;
    if (!text || field.key != "traceparent")
        return;
    const Trace trace = parseTraceparent(*text).value_or(Trace{});
    m_traceId = trace.traceId;
    m_spanId = trace.spanId;
    if (trace.traceId.empty()) {
        // An outer scope's ids are not this one's.
        std::erase_if(m_entries, [](const Entry &entry) {
            return entry.key == "trace_id" || entry.key == "span_id";
        });
        return;
    }
    set("trace_id", m_traceId);
    set("span_id", m_spanId);
}

const ContextNode *ContextNode::open()
{
    while (s_current && s_current->m_isClosed.load(std::memory_order_acquire)) {
        const std::shared_ptr<ContextNode> ended = std::move(s_current->m_self);
        s_current = ended->m_outer.get();
    }
    return s_current;
}

LogContext::LogContext(std::shared_ptr<ContextNode> node, bool isToBeChecked, const void *frame)
    : m_node(std::move(node))
    , m_calledFrom(isToBeChecked && !isInStack(this) ? callersOf(frame) : 0)
{
    m_node->m_self = m_node;
    ContextNode::s_current = m_node.get();
}

std::shared_ptr<ContextNode> LogContext::nodeWith(std::initializer_list<Field> fields)
{
    const ContextNode *const outer = ContextNode::current();
    auto node =
        std::make_shared<ContextNode>(outer ? ContextNode::s_current->m_self : nullptr, outer);
    for (const Field &field : fields)
        node->add(field);
    return node;
}

std::shared_ptr<ContextNode> LogContext::nodeOf(const Snapshot &snapshot)
{
    const ContextNode *const outer = ContextNode::current();
    return std::make_shared<ContextNode>(outer ? ContextNode::s_current->m_self : nullptr,
                                         snapshot.m_node.get());
}

bool LogContext::endsWhereItBegan(const void *frame) const
{
    if (m_thread != std::this_thread::get_id())
        return false; // it ends in another thread
    if (ContextNode::current() != m_node.get())
        return false; // other work has a scope in this thread
    return m_calledFrom == 0 || m_calledFrom == callersOf(frame);
}

void LogContext::leave()
{
    m_node->m_isClosed.store(true, std::memory_order_release);
    if (m_thread == std::this_thread::get_id())
        ContextNode::open(); // leaves it, and what ended before it
}

LogContext::Snapshot LogContext::capture()
{
    Snapshot snapshot;
    if (const ContextNode *const node = ContextNode::current())
        snapshot.m_node = std::make_shared<const ContextNode>(nullptr, node);
    return snapshot;
}

Trace LogContext::Snapshot::trace() const
{
    return m_node ? m_node->trace() : Trace{};
}

} // namespace trendscope::observability
