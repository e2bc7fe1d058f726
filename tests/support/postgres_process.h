#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

struct pg_conn;

namespace trendscope::test {

/// A directory that the servers of PostgreSQL may use, which refuse to run as root: then it belongs
/// to the user `postgres`, and so do they.
class PostgresDirectory {
public:
    PostgresDirectory();
    QString path() const { return m_directory.path(); }
    bool write(const QString &name, const QByteArray &content) const;

    /// Makes the process run in the directory as that user, and die with the test.
    void prepare(QProcess &process) const;
    /// Of PostgreSQL's own programs, which are not in PATH; empty where it is not installed.
    static QString program(const QString &name);

private:
    QTemporaryDir m_directory;
    unsigned m_user = 0; ///< 0: whoever runs the test
    unsigned m_group = 0;
};

/// A connection of a test's own. Blocks.
class PostgresClient {
public:
    explicit PostgresClient(const QString &connection);

    bool isConnected() const;
    /// The answer: fields of a row with '|' between them, rows with '\n'; what the server says
    /// where it is an error.
    QByteArray run(const QByteArray &sql);
    /// Does not wait for the answer; the next run() does.
    bool send(const QByteArray &sql);

private:
    struct Finish {
        void operator()(pg_conn *connection) const;
    };
    std::unique_ptr<pg_conn, Finish> m_connection;
};

/// A real PostgreSQL with an empty cluster, on a socket in its own directory. Ends with this
/// object.
class PostgresProcess {
public:
    /// `settings` are lines of postgresql.conf.
    explicit PostgresProcess(const QByteArray &settings = {});
    ~PostgresProcess();
    PostgresProcess(const PostgresProcess &) = delete;
    PostgresProcess &operator=(const PostgresProcess &) = delete;

    /// Whether it answers; waits for that.
    bool start();
    void stop(); ///< as `pg_ctl stop -m fast`
    void kill();
    /// To the server and every process of it.
    void signalAll(int signal);

    qint64 processId() const { return m_process.processId(); }
    QString directory() const { return m_directory.path(); }
    QString data() const { return m_directory.path() + QStringLiteral("/data"); }
    /// As a superuser who needs no password.
    QString connection(const QString &database = QStringLiteral("postgres")) const;
    QByteArray log() { return m_log += m_process.readAll(); }

private:
    bool makeCluster();

    PostgresDirectory m_directory;
    QByteArray m_settings;
    QProcess m_process;
    QByteArray m_log;
    bool m_isStopped = false;
};

/// A real pgbouncer in front of one, on a socket in its own directory; its port is 6432.
class PgbouncerProcess {
public:
    /// `databases` are lines of its section of that name.
    PgbouncerProcess(const PostgresProcess &server, const QByteArray &databases);
    ~PgbouncerProcess();

    bool start();
    QString connection(const QString &database) const;
    QProcess &process() { return m_process; }

private:
    PostgresDirectory m_directory;
    QByteArray m_databases;
    QProcess m_process;
};

} // namespace trendscope::test
