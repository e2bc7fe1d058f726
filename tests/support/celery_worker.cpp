#include "support/celery_worker.h"

#include <QDeadlineTimer>
#include <QProcessEnvironment>
#include <QStandardPaths>

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace trendscope::test {

using namespace Qt::StringLiterals;

namespace {

/// The system's Python, which has Debian's packages; another may come first in the path.
QString python()
{
    const QString system = QStandardPaths::findExecutable(u"python3"_s, {u"/usr/bin"_s});
    return system.isEmpty() ? u"python3"_s : system;
}

} // namespace

CeleryWorker::CeleryWorker(const QString &folder, const QString &module, const QString &broker)
    : m_folder(folder)
    , m_module(module)
    , m_broker(broker)
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setChildProcessModifier([] {
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    });
}

CeleryWorker::~CeleryWorker()
{
    kill();
}

void CeleryWorker::setUp(QProcess &process, bool tellsOfSending) const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"BROKER"_s, m_broker);
    environment.insert(u"PYTHONDONTWRITEBYTECODE"_s, u"1"_s);
    environment.insert(u"PYTHONPATH"_s, m_folder);
    environment.remove(u"SENT"_s);
    if (tellsOfSending)
        environment.insert(u"SENT"_s, u"1"_s);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_folder);
}

bool CeleryWorker::start()
{
    setUp(m_process, true);
    m_log.clear();
    m_process.start(python(),
                    {u"-m"_s, u"celery"_s, u"-A"_s, m_module, u"worker"_s, u"-E"_s, u"-Q"_s,
                     u"celery,reports"_s, u"-c"_s, u"2"_s, u"--heartbeat-interval"_s, u"1"_s,
                     u"--loglevel"_s, u"info"_s});
    const QDeadlineTimer deadline(60'000);
    while (!deadline.hasExpired() && m_process.state() != QProcess::NotRunning) {
        m_process.waitForReadyRead(100);
        if (log().contains(" ready."))
            return true;
    }
    return false;
}

void CeleryWorker::stop()
{
    m_process.terminate();
    m_process.waitForFinished(20'000);
    kill();
}

void CeleryWorker::kill()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    ::kill(-static_cast<pid_t>(m_process.processId()), SIGKILL);
    m_process.waitForFinished(10'000);
}

bool CeleryWorker::run(const QStringList &arguments, bool tellsOfSending)
{
    QProcess process;
    setUp(process, tellsOfSending);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(python(), arguments);
    const bool isDone = process.waitForFinished(60'000) && process.exitCode() == 0;
    if (!isDone)
        m_log += process.readAll();
    return isDone;
}

QByteArray CeleryWorker::log()
{
    if (m_process.isOpen())
        m_log += m_process.readAll();
    return m_log;
}

} // namespace trendscope::test
