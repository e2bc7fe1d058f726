#include "support/postgres_process.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace trendscope::test {

using namespace Qt::StringLiterals;

namespace {

/// Waits until `connection` is answered by anything but silence.
bool isAnswered(QProcess &process, const QString &connection)
{
    const QDeadlineTimer deadline(30'000);
    while (!deadline.hasExpired() && process.state() != QProcess::NotRunning) {
        if (PQping(connection.toUtf8().constData()) == PQPING_OK)
            return true;
        process.waitForReadyRead(50);
    }
    return false;
}

} // namespace

PostgresDirectory::PostgresDirectory()
    : m_directory(QDir::tempPath() + u"/trendscope-pg-XXXXXX"_s) // a socket's path is short
{
    if (::geteuid() != 0)
        return;
    const passwd *const user = ::getpwnam("postgres");
    m_user = user ? user->pw_uid : 65534;
    m_group = user ? user->pw_gid : 65534;
    if (::chown(m_directory.path().toUtf8().constData(), m_user, m_group) != 0)
        qWarning("the directory can not be given to postgres");
}

bool PostgresDirectory::write(const QString &name, const QByteArray &content) const
{
    const QString path = m_directory.filePath(name);
    QFile file(path);
    const bool isWritten = file.open(QIODevice::WriteOnly | QIODevice::Append)
        && file.write(content) == content.size();
    return isWritten && (m_user == 0 || ::chown(path.toUtf8().constData(), m_user, m_group) == 0);
}

void PostgresDirectory::prepare(QProcess &process) const
{
    process.setWorkingDirectory(m_directory.path());
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setChildProcessModifier([user = m_user, group = m_group] {
        const bool isOther = user != 0;
        if (isOther
            && (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(user) != 0))
            ::_exit(1);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // after that: a change of user forgets it
    });
}

QString PostgresDirectory::program(const QString &name)
{
    const QDir versions(u"/usr/lib/postgresql"_s);
    for (const QString &version :
         versions.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed)) {
        const QString path = versions.filePath(version + u"/bin/"_s + name);
        if (QFile::exists(path))
            return path;
    }
    return {};
}

void PostgresClient::Finish::operator()(pg_conn *connection) const
{
    PQfinish(connection);
}

PostgresClient::PostgresClient(const QString &connection)
    : m_connection(PQconnectdb(connection.toUtf8().constData()))
{
    PQsetNoticeProcessor(
        m_connection.get(), [](void *, const char *) {}, nullptr);
}

bool PostgresClient::isConnected() const
{
    return PQstatus(m_connection.get()) == CONNECTION_OK;
}

bool PostgresClient::send(const QByteArray &sql)
{
    return PQsendQuery(m_connection.get(), sql.constData()) == 1
        && PQflush(m_connection.get()) == 0;
}

QByteArray PostgresClient::run(const QByteArray &sql)
{
    PGresult *const result = PQexec(m_connection.get(), sql.constData());
    QByteArray answer;
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        answer = PQresultErrorMessage(result);
    for (int row = 0; row < PQntuples(result); ++row)
        for (int column = 0; column < PQnfields(result); ++column) {
            answer += column > 0 ? "|" : row > 0 ? "\n" : "";
            answer += PQgetvalue(result, row, column);
        }
    PQclear(result);
    return answer;
}

PostgresProcess::PostgresProcess(const QByteArray &settings)
    : m_settings(settings)
{
}

PostgresProcess::~PostgresProcess()
{
    stop();
}

bool PostgresProcess::makeCluster()
{
    QProcess initdb;
    m_directory.prepare(initdb);
    initdb.start(PostgresDirectory::program(u"initdb"_s),
                 {u"-D"_s, data(), u"-A"_s, u"trust"_s, u"-U"_s, u"postgres"_s, u"-N"_s,
                  u"--locale=C"_s, u"-E"_s, u"UTF8"_s});
    if (!initdb.waitForFinished(60'000) || initdb.exitCode() != 0) {
        m_log += initdb.readAll();
        return false;
    }
    return m_directory.write(u"data/postgresql.conf"_s,
                             "\nlisten_addresses = ''\nfsync = off\nshared_buffers = 16MB\n"
                             "unix_socket_directories = '"
                                 + directory().toUtf8() + "'\n" + m_settings);
}

bool PostgresProcess::start()
{
    if (!QFile::exists(data()) && !makeCluster())
        return false;
    m_directory.prepare(m_process);
    m_process.start(PostgresDirectory::program(u"postgres"_s), {u"-D"_s, data()});
    m_isStopped = false;
    return isAnswered(m_process, connection());
}

void PostgresProcess::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    if (m_isStopped)
        signalAll(SIGCONT);
    ::kill(static_cast<pid_t>(m_process.processId()), SIGINT);
    if (!m_process.waitForFinished(10'000))
        kill();
}

void PostgresProcess::kill()
{
    signalAll(SIGKILL);
    m_process.waitForFinished(5000);
}

void PostgresProcess::signalAll(int signal)
{
    const qint64 server = m_process.processId();
    if (server <= 0)
        return;
    m_isStopped = signal == SIGSTOP;
    QFile children(u"/proc/%1/task/%1/children"_s.arg(server));
    QList<QByteArray> all;
    if (children.open(QIODevice::ReadOnly))
        all = children.readAll().split(' ');
    ::kill(static_cast<pid_t>(server), signal);
    for (const QByteArray &child : std::as_const(all))
        if (child.toInt() > 0)
            ::kill(child.toInt(), signal);
}

QString PostgresProcess::connection(const QString &database) const
{
    return u"host=%1 port=5432 user=postgres dbname=%2"_s.arg(directory(), database);
}

PgbouncerProcess::PgbouncerProcess(const PostgresProcess &server, const QByteArray &databases)
    : m_databases(QByteArray(databases).replace("%1", server.directory().toUtf8()))
{
}

PgbouncerProcess::~PgbouncerProcess()
{
    m_process.kill();
    m_process.waitForFinished(5000);
}

bool PgbouncerProcess::start()
{
    const QByteArray settings = "[databases]\n" + m_databases
        + "\n[pgbouncer]\nauth_type = trust\nauth_file = users.txt\nstats_users = postgres\n"
          "pool_mode = transaction\nlisten_port = 6432\nunix_socket_dir = "
        + m_directory.path().toUtf8() + "\n";
    if (!m_directory.write(u"pgbouncer.ini"_s, settings)
        || !m_directory.write(u"users.txt"_s, "\"postgres\" \"\"\n"))
        return false;
    m_directory.prepare(m_process);
    m_process.start(u"/usr/sbin/pgbouncer"_s, {u"pgbouncer.ini"_s});
    return isAnswered(m_process, connection(u"pgbouncer"_s));
}

QString PgbouncerProcess::connection(const QString &database) const
{
    return u"host=%1 port=6432 user=postgres dbname=%2"_s.arg(m_directory.path(), database);
}

} // namespace trendscope::test
