#include "ui/logs/log_source.h"

#include <QHash>
#include <QSet>

#include <algorithm>

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
    QSet<QString> agents;
    QHash<QString, int> counts;
    const auto base = [](const LogFile &file) { return file.path.section(u'/', -1); };
    for (const LogFile &file : files) {
        agents.insert(file.agent);
        ++counts[textOf({file.agent, base(file)})];
    }
    QStringList labels;
    for (const LogFile &file : files) {
        const bool isAlone = counts[textOf({file.agent, base(file)})] == 1;
        labels.append(textOf({agents.size() > 1 ? file.agent : QString(),
                              isAlone ? base(file) : file.path.section(u'/', -2)}));
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
