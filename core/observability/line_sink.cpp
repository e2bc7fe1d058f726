#include "core/observability/line_sink_p.h"
#include "core/observability/record_p.h"

#include <array>

namespace trendscope::observability {

namespace {

constexpr std::size_t keptCapacity = 64UL << 10;

/// One for the record and one for its line.
struct Scratch {
    std::array<std::string, 2> texts;
    std::size_t used = 0;
};

/// Raw, because a thread-local object with a destructor is guarded at every access.
constinit thread_local Scratch *s_scratch [[gnu::tls_model("initial-exec")]] = nullptr;
constinit thread_local bool s_isScratchGone [[gnu::tls_model("initial-exec")]] = false;

/// Gives it back. What the thread's other objects log when they end later has none.
struct ScratchOwner {
    Scratch scratch;

    ~ScratchOwner()
    {
        s_scratch = nullptr;
        s_isScratchGone = true;
    }
};

Scratch *newScratch()
{
    thread_local ScratchOwner owner;
    if (!s_isScratchGone)
        s_scratch = &owner.scratch;
    return s_scratch;
}

} // namespace

ScratchText::ScratchText()
{
    Scratch *const scratch = s_scratch ? s_scratch : newScratch();
    if (!scratch || scratch->used == scratch->texts.size())
        return;
    m_text = &scratch->texts[scratch->used++];
    m_text->clear();
}

ScratchText::~ScratchText()
{
    if (m_text == &m_own)
        return;
    if (m_text->capacity() > keptCapacity)
        *m_text = std::string();
    --s_scratch->used;
}

LineSink::LineSink(LogFileSettings settings, bool json)
    : m_file(std::move(settings))
    , m_isJson(json)
{
}

void LineSink::log(const spdlog::details::log_msg &record)
{
    ScratchText scratch;
    std::string &line = scratch.text();
    if (m_isJson)
        record::appendJsonTime(line, record.time);
    else
        record::appendReadableTime(line, record.time);
    line.append(record.payload.data(), record.payload.size());
    m_file.write(line, record.level >= spdlog::level::err);
}

} // namespace trendscope::observability
