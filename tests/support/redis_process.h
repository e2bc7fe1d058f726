#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <chrono>

namespace trendscope::test {

/// A real Redis on a Unix socket in a directory of its own: it can not pick a free port itself.
///
/// It dies with this object, and with the test even where that is killed.
class RedisProcess {
public:
    explicit RedisProcess(QStringList arguments = {});
    ~RedisProcess();
    RedisProcess(const RedisProcess &) = delete;
    RedisProcess &operator=(const RedisProcess &) = delete;

    bool start(); ///< waits until it serves; after stop() on the same socket as before
    void stop();
    void signal(int number);

    qint64 processId() const { return m_process.processId(); }
    QString socket() const { return m_directory.filePath(QStringLiteral("s")); }
    std::string url() const
    {
        return "unix://" + socket().toStdString();
    } ///< of redis_exporter too
    QString celeryUrl() const { return QStringLiteral("redis+socket://") + socket(); }
    QByteArray log() { return m_process.readAll(); }

    /// What redis-cli prints for a command; `input` is the last argument, where it is not empty.
    QByteArray ask(QStringList command, const QByteArray &input = {}) const;

private:
    QTemporaryDir m_directory;
    QStringList m_arguments;
    QProcess m_process;
};

} // namespace trendscope::test
