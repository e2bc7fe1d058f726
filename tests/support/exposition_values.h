#pragma once

#include <QByteArray>
#include <QList>

#include <optional>
#include <string>

namespace trendscope::test {

/// The value of the sample whose name and labels are `series`, as they are written in `exposition`,
/// e.g. `up{job="api"}`; nothing where there is none.
inline std::optional<double> valueOf(const std::string &exposition, const std::string &series)
{
    const std::string text = '\n' + exposition;
    const auto at = text.find('\n' + series + ' ');
    if (at == std::string::npos)
        return {};
    return std::stod(text.substr(at + series.size() + 2));
}

/// The sum over all series of a metric.
inline double sumOf(const std::string &exposition, const std::string &metric)
{
    double sum = 0;
    for (const QByteArray &line : QByteArray::fromStdString(exposition).split('\n')) {
        const QByteArray name = QByteArray::fromStdString(metric);
        if (line.startsWith(name + '{') || line.startsWith(name + ' '))
            sum += line.mid(line.lastIndexOf(' ') + 1).toDouble();
    }
    return sum;
}

} // namespace trendscope::test
