#pragma once

#include "core/result.h"

#include <QObject>
#include <QProcess>
#include <QStringList>

#include <optional>
#include <stop_token>

namespace trendscope::demo {

/// A program and how it is run.
struct Command {
    QString program; ///< path, or a name to look for in PATH
    QStringList arguments;
    QString package;   ///< Debian package that brings the program; empty for our own
    QString name = {}; ///< for messages, as in "Prometheus ended"; empty: the program's file name
    QString directory = {}; ///< where it runs; empty: where we do
};

/// Where the program is. Errors: NotFound, naming the Debian package.
Result<QString> locate(const Command &command);

/// The address in a log line that says where a server listens: `msg="Listening on"
/// address=127.0.0.1:9090` as Prometheus and Alertmanager write it, or `"message":"Listening"` with
/// `"address"` as our exporter does.
std::optional<QString> listenAddressIn(const QByteArray &logLine);

/// A child process that can not outlive the thread that started it, not even when this process is
/// killed.
///
/// Its output, both streams, is read line by line. Use it in the thread that made it.
class ChildProcess final : public QObject {
    Q_OBJECT

public:
    explicit ChildProcess(Command command, QObject *parent = nullptr);
    /// Stops it.
    ~ChildProcess() override;

    /// Errors: NotFound, System.
    Result<void> start();

    /// SIGTERM, and SIGKILL when that did not end it within five seconds. Waits; ended() stays
    /// silent.
    void stop();

    /// Waits, without an event loop, for the end of a program that ends by itself. Errors:
    /// Execution when it failed, Canceled when a stop was requested (it is stopped then).
    Result<void> waitUntilEnded(const std::stop_token &stop);

    qint64 processId() const { return m_process.processId(); }

Q_SIGNALS:
    void lineRead(const QByteArray &line);
    /// It ended although nobody called stop(). The message has the last line of its output, the
    /// detail some more of them.
    void ended(const trendscope::Error &error);

private:
    void readLines();
    void readRest();
    void keep(const QByteArray &line);
    void reportEnd();
    Error unexpectedEnd() const;

    const Command m_command;
    QProcess m_process;
    QByteArrayList m_lastLines;
    bool m_isStopping = false;
};

} // namespace trendscope::demo
