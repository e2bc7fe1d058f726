#include "support/server_process.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTcpSocket>

#include <sys/prctl.h>

#include <csignal>

namespace trendscope::test {

ServerProcess::ServerProcess(const QString &program, const QStringList &arguments)
    : m_program(program)
    , m_arguments(arguments)
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
}

ServerProcess::~ServerProcess()
{
    stop();
}

bool ServerProcess::start(std::chrono::milliseconds limit)
{
    QStringList arguments;
    for (const QString &argument : std::as_const(m_arguments))
        arguments.append(QString(argument).replace(QStringLiteral("%1"), directory()));
    m_port = 0;
    m_log.clear();
    m_process.start(m_program, arguments);
    const QDeadlineTimer deadline(limit);
    while (!deadline.hasExpired() && m_process.state() != QProcess::NotRunning) {
        m_process.waitForReadyRead(50);
        readPort();
        if (m_port != 0 && isReady())
            return true;
    }
    return false;
}

void ServerProcess::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(5000)) {
        m_process.kill();
        m_process.waitForFinished(5000);
    }
}

QUrl ServerProcess::url() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_port));
}

QByteArray ServerProcess::log()
{
    m_log += m_process.readAll();
    return m_log;
}

bool ServerProcess::writeFile(const QString &name, const QByteArray &content)
{
    const QString path = m_directory.filePath(name);
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

void ServerProcess::readPort()
{
    // "Start listening" names the port that was asked for, 0; only "Listening on" names the real
    // one.
    static const QRegularExpression listening(
        QStringLiteral("msg=\"?Listening on\"? address=(?:127\\.0\\.0\\.1|\\[::1\\]):(\\d+)"));
    const QRegularExpressionMatch match = listening.match(QString::fromUtf8(log()));
    if (match.hasMatch())
        m_port = match.captured(1).toUShort();
}

bool ServerProcess::isReady() const
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(QHostAddress::LocalHost), m_port);
    if (!socket.waitForConnected(1000))
        return false;
    socket.write("GET /-/ready HTTP/1.0\r\n\r\n");
    return socket.waitForReadyRead(1000) && socket.readAll().contains(" 200 ");
}

} // namespace trendscope::test
