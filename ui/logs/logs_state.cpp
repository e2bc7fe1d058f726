#include "ui/logs/logs_state.h"

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using Kind = StateNotice::Kind;
using State = logs::Tail::State;

constexpr qsizetype mostLines = 5;

LogsState withoutSources()
{
    return {.title = u"No log is followed"_s,
            .text = u"Name files with one JSON record a line, or the log streams of agents. In "
                    u"trendscope.yml they stand under logs."_s,
            .commands = u"trendscope console --log FILE …\n"
                        u"trendscope console --log https://HOST:9787/logs/stream"_s};
}

LogsState connecting(const LogSources &sources)
{
    QStringList addresses;
    for (const LogSource &source : sources) {
        if (source.isConnecting())
            addresses.append(source.path);
    }
    return {.kind = Kind::Loading,
            .title = u"Connecting…"_s,
            .text = shortened(addresses, mostLines).join(u'\n')};
}

LogsState ofOne(const LogSource &source, const QString &problem)
{
    if (source.isStream)
        return {
            .kind = Kind::Failed,
            .title = source.headline.isEmpty() ? u"Something can not be read"_s : source.headline,
            .text = sentence(problem) + u"\n\n"_s + source.remedy
                + (source.remedy.isEmpty() ? u""_s : u"\n"_s) + u"It is tried again by itself."_s};
    const bool isAbsent = source.state == State::Waiting;
    return {.kind = isAbsent ? Kind::Loading : Kind::Failed,
            .title = isAbsent ? u"Waiting for the log file"_s : u"The log file can not be read"_s,
            .text = sentence(problem) + u"\n\n"_s + u"Looked for again ten times a second."_s};
}

LogsState ofSeveral(const LogSources &sources, const QStringList &problems)
{
    const auto isReal = [](const LogSource &source) {
        return source.isStream || source.state == State::Failed;
    };
    const bool isFailure = std::ranges::any_of(sources, [&](const LogSource &source) {
        return !problemOf(source).isEmpty() && isReal(source);
    });
    const auto failed = std::ranges::count_if(sources, &LogSource::hasFailed);
    return {.kind = isFailure ? Kind::Failed : Kind::Loading,
            .title = !isFailure                                    ? u"Waiting for log files"_s
                : failed == static_cast<qsizetype>(sources.size()) ? u"No source can be read"_s
                                                                   : u"No records yet"_s,
            .text = shortened(problems, mostLines).join(u'\n') + u"\n\n"_s
                + u"What fails is tried again by itself."_s};
}

} // namespace

QStringList shortened(const QStringList &lines, qsizetype most)
{
    if (lines.size() <= most)
        return lines;
    return lines.first(most) + QStringList{u"+ %1 more"_s.arg(lines.size() - most)};
}

LogsState stateOf(const LogSources &sources, bool hasRecords, const QStringList &problems)
{
    if (hasRecords)
        return {.title = u"No record matches the filter"_s,
                .text = u"None of the records that are kept does. New ones show up here when they "
                        u"match."_s,
                .action = u"Clear the filter"_s};
    if (sources.empty())
        return withoutSources();
    if (!problems.isEmpty())
        return sources.size() == 1 ? ofOne(sources.front(), problems.front())
                                   : ofSeveral(sources, problems);
    if (std::ranges::any_of(sources, &LogSource::isConnecting))
        return connecting(sources);
    return {.title = u"No records yet"_s, .text = u"They show up here as they are written."_s};
}

} // namespace trendscope::ui
