#include "core/demo/child_process.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTimer>

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>

namespace trendscope::demo {
namespace {

using namespace Qt::StringLiterals;

constexpr int keptLines = 20;
constexpr int patienceMilliseconds = 5000; // between SIGTERM and SIGKILL

/// Runs in the child between fork and exec: only async-signal-safe calls.
void dieWithParent(pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it died before the line above
        ::_exit(1);
}

} // namespace

Result<QString> locate(const Command &command)
{
    const QString path = command.program.contains(u'/')
        ? command.program
        : QStandardPaths::findExecutable(command.program);
    if (!path.isEmpty() && QFileInfo(path).isExecutable())
        return path;
    QString message = u"The program %1 is not installed."_s.arg(command.program);
    if (!command.package.isEmpty())
        message +=
            u" It is in the Debian package %1: run packaging/install-deps.sh run, or apt-get install %1."_s
                .arg(command.package);
    return tl::unexpected(Error{Error::Kind::NotFound, message.toStdString(), {}});
}

std::optional<QString> listenAddressIn(const QByteArray &logLine)
{
    static const QRegularExpression logfmt(uR"re(msg="Listening on" address=(\S+))re"_s);
    static const QRegularExpression json(uR"re("address":\s*"([^"]+)")re"_s);
    const QString line = QString::fromUtf8(logLine);
    auto match = logfmt.match(line);
    if (!match.hasMatch() && line.contains(uR"("message":"Listening")"_s))
        match = json.match(line);
    return match.hasMatch() ? std::optional(match.captured(1)) : std::nullopt;
}

ChildProcess::ChildProcess(Command command, QObject *parent)
    : QObject(parent)
    , m_command(std::move(command))
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setStandardInputFile(QProcess::nullDevice());
    m_process.setChildProcessModifier([self = ::getpid()] { dieWithParent(self); });
    connect(&m_process, &QProcess::readyRead, this, &ChildProcess::readLines);
    connect(&m_process, &QProcess::finished, this, &ChildProcess::reportEnd);
}

ChildProcess::~ChildProcess()
{
    stop();
}

Result<void> ChildProcess::start()
{
    const auto path = locate(m_command);
    if (!path)
        return tl::unexpected(path.error());

    // What configures our own programs must not reach a child: it would log elsewhere than where it
    // is read.
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        if (name.startsWith("TRENDSCOPE_"_L1) || name.startsWith("LOG_"_L1))
            environment.remove(name);
    }
    m_process.setProcessEnvironment(environment);

    m_process.setWorkingDirectory(m_command.directory);
    m_process.start(*path, m_command.arguments, QIODevice::ReadOnly);
    if (m_process.waitForStarted())
        return {};
    return tl::unexpected(Error{Error::Kind::System,
                                u"%1 does not start."_s.arg(*path).toStdString(),
                                m_process.errorString().toStdString()});
}

void ChildProcess::stop()
{
    m_isStopping = true;
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.terminate();
    if (m_process.waitForFinished(patienceMilliseconds))
        return;
    m_process.kill();
    m_process.waitForFinished(patienceMilliseconds);
}

Result<void> ChildProcess::waitUntilEnded(const std::stop_token &stop)
{
    constexpr int interval = 50;
    m_isStopping = true; // its end is what the caller waits for
    while (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(interval)) {
        if (!stop.stop_requested())
            continue;
        this->stop();
        return tl::unexpected(Error{Error::Kind::Canceled, "The demo was ended.", {}});
    }
    if (m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0)
        return {};
    readRest();
    return tl::unexpected(unexpectedEnd());
}

void ChildProcess::readLines()
{
    while (m_process.canReadLine()) {
        const QByteArray line = m_process.readLine().trimmed();
        keep(line);
        Q_EMIT lineRead(line);
    }
}

/// What is left once it has ended; of a crash often a line without an end.
void ChildProcess::readRest()
{
    readLines();
    if (const QByteArray rest = m_process.readAll().trimmed(); !rest.isEmpty())
        keep(rest);
}

void ChildProcess::keep(const QByteArray &line)
{
    m_lastLines.append(line);
    if (m_lastLines.size() > keptLines)
        m_lastLines.removeFirst();
}

void ChildProcess::reportEnd()
{
    readRest();
    if (m_isStopping)
        return;
    // Ctrl-C reaches the whole process group: a child may be gone a moment before we are asked to
    // stop it.
    constexpr std::chrono::milliseconds grace{300};
    QTimer::singleShot(grace, this, [this] {
        if (!m_isStopping)
            Q_EMIT ended(unexpectedEnd());
    });
}

Error ChildProcess::unexpectedEnd() const
{
    const int code = m_process.exitCode(); // of a crash Qt has the signal's number here
    const QString name =
        m_command.name.isEmpty() ? QFileInfo(m_command.program).fileName() : m_command.name;
    const QString how = m_process.exitStatus() == QProcess::CrashExit
        ? u"was killed by signal %1 (%2)"_s.arg(code).arg(QLatin1StringView(::sigdescr_np(code)))
        : u"ended with status %1"_s.arg(code);
    const QString last = m_lastLines.isEmpty()
        ? u"."_s
        : u". The last it said: "_s + QString::fromUtf8(m_lastLines.last());
    return {Error::Kind::Execution, (name + u' ' + how + last).toStdString(),
            m_lastLines.join('\n').toStdString()};
}

} // namespace trendscope::demo
