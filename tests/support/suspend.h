#pragma once

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>

#include <signal.h>

#include <algorithm>

namespace trendscope::test {

/// Whether each of its threads is stopped, by Linux' /proc; also when it is gone.
inline bool isSuspended(pid_t process)
{
    const QDir tasks(QStringLiteral("/proc/%1/task").arg(process));
    const QStringList threads = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    return std::ranges::all_of(threads, [&](const QString &thread) {
        QFile file(tasks.filePath(thread + QStringLiteral("/stat")));
        if (!file.open(QIODevice::ReadOnly))
            return true;
        const QByteArray line = file.readAll(); // the state is behind the name
        return QByteArray("TtZX").contains(line.mid(line.lastIndexOf(')') + 2, 1));
    });
}

/// Sends SIGSTOP and waits until it has taken effect: on another processor the process goes on for
/// a moment, and finishes the system call that it is in. Goes on with SIGCONT.
inline bool suspend(pid_t process)
{
    if (::kill(process, SIGSTOP) != 0)
        return false;
    const QDeadlineTimer deadline(10'000);
    while (!isSuspended(process)) {
        if (deadline.hasExpired())
            return false;
    }
    return true;
}

} // namespace trendscope::test
