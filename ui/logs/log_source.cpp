#include "ui/logs/log_source.h"

#include <QHash>

#include <algorithm>
#include <array>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

bool followsAny(const LogSources &sources)
{
    return std::ranges::any_of(sources, &LogSource::isFollowing);
}

bool hasStreams(const LogSources &sources)
{
    return std::ranges::any_of(sources, &LogSource::isStream);
}

QString problemOf(const LogSource &source)
{
    if (source.problem.isEmpty() && source.hasFailed())
        return u"%1 is not there"_s.arg(source.path);
    return source.problem;
}

QString sentence(const QString &text)
{
    return text.endsWith(u'.') || text.endsWith(u'…') ? text : text + u'.';
}

QString textOf(const LogFile &file)
{
    return file.agent.isEmpty() ? file.path : file.agent + u' ' + file.path;
}

QStringList labelsOf(const QList<LogFile> &files)
{
    // From the shortest to the longest.
    const std::array<QString (*)(const LogFile &), 3> ways{
        [](const LogFile &file) { return file.path.section(u'/', -1); },
        [](const LogFile &file) {
            return textOf({file.agent, file.path.section(u'/', -1)});
        },
        [](const LogFile &file) {
            return textOf({file.agent, file.path.section(u'/', -2)});
        }};
    QStringList labels(files.size());
    for (const auto way : ways) {
        QHash<QString, int> counts;
        for (const LogFile &file : files)
            ++counts[way(file)];
        for (qsizetype i = 0; i < files.size(); ++i) {
            if (const QString label = way(files[i]); labels[i].isEmpty() && counts[label] == 1)
                labels[i] = label;
        }
    }
    for (qsizetype i = 0; i < files.size(); ++i) {
        if (labels[i].isEmpty())
            labels[i] = textOf(files[i]);
    }
    return labels;
}

QString sourcesText(const LogSources &sources)
{
    if (sources.size() == 1)
        return u"from %1"_s.arg(sources.front().name);
    if (sources.empty())
        return {};
    return hasStreams(sources) ? u"from %1 sources"_s.arg(sources.size())
                               : u"from %1 files"_s.arg(sources.size());
}

} // namespace trendscope::ui
