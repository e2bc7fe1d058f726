#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QList>
#include <QString>

#include <unistd.h>

/// What processes have used, by Linux' /proc.
namespace trendscope::test {

/// CPU seconds of all threads that it has or had, and of the children that it has waited for; 0
/// when it is gone. To 0.01 s, the kernel's unit.
inline double cpuSecondsOf(qint64 process)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray line = file.readAll();
    // Behind the name, which may have anything in it: state is the first, utime the 12th field.
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    double ticks = 0;
    for (int field = 11; field <= 14; ++field)
        ticks += fields.value(field).toDouble();
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// CPU seconds of the threads that it has, to a nanosecond.
inline double threadSecondsOf(qint64 process)
{
    double nanoseconds = 0;
    const QDir tasks(QStringLiteral("/proc/%1/task").arg(process));
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile file(tasks.filePath(task + QStringLiteral("/schedstat")));
        if (file.open(QIODevice::ReadOnly))
            nanoseconds += file.readAll().split(' ').value(0).toDouble();
    }
    return nanoseconds / 1e9;
}

/// The same of a process and its children, as cpuSecondsOf().
inline double cpuSecondsOfFamily(qint64 process)
{
    double seconds = cpuSecondsOf(process);
    QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(process));
    if (children.open(QIODevice::ReadOnly))
        for (const QByteArray &child : children.readAll().simplified().split(' '))
            seconds += cpuSecondsOf(child.toLongLong());
    return seconds;
}

/// Proportional set size in megabytes: what it shares with others is divided among them; 0 when it
/// can not be read.
inline double pssOf(qint64 process)
{
    QFile file(QStringLiteral("/proc/%1/smaps_rollup").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("Pss:"))
            return line.simplified().split(' ').value(1).toDouble() / 1024;
    }
    return 0;
}

} // namespace trendscope::test
