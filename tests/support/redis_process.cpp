#include "support/redis_process.h"

#include <QDeadlineTimer>

#include <sys/prctl.h>

#include <csignal>

namespace trendscope::test {

using namespace Qt::StringLiterals;

RedisProcess::RedisProcess(QStringList arguments)
    : m_arguments(std::move(arguments))
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
}

RedisProcess::~RedisProcess()
{
    stop();
}

bool RedisProcess::start()
{
    m_process.start(u"redis-server"_s,
                    QStringList{u"--port"_s, u"0"_s, u"--unixsocket"_s, socket(), u"--dir"_s,
                                m_directory.path(), u"--save"_s, QString()}
                        + m_arguments);
    const QDeadlineTimer deadline(10'000);
    while (!deadline.hasExpired() && m_process.state() != QProcess::NotRunning) {
        const QByteArray answer = ask({u"PING"_s});
        if (answer.contains("PONG") || answer.contains("NOAUTH"))
            return true;
        m_process.waitForReadyRead(20);
    }
    return false;
}

void RedisProcess::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    signal(SIGCONT);
    m_process.terminate();
    if (!m_process.waitForFinished(5000)) {
        m_process.kill();
        m_process.waitForFinished(5000);
    }
}

void RedisProcess::signal(int number)
{
    ::kill(static_cast<pid_t>(m_process.processId()), number);
}

QByteArray RedisProcess::ask(QStringList command, const QByteArray &input) const
{
    QProcess client;
    QStringList arguments{u"-s"_s, socket()};
    if (!input.isEmpty())
        arguments.append(u"-x"_s); // the last argument comes from stdin
    client.start(u"redis-cli"_s, arguments + command);
    client.write(input);
    client.closeWriteChannel();
    client.waitForFinished(10'000);
    return client.readAllStandardOutput();
}

} // namespace trendscope::test
