#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <QUrl>

#include <chrono>

namespace trendscope::test {

/// A real server as a child process on a loopback port that it picks itself and names in its log.
///
/// It dies with this object, and with the test even where that is killed.
class ServerProcess {
public:
    virtual ~ServerProcess();
    ServerProcess(const ServerProcess &) = delete;
    ServerProcess &operator=(const ServerProcess &) = delete;

    /// Starts it and waits until it serves; false where it ends or takes longer, log() then says
    /// why.
    bool start(std::chrono::milliseconds limit = std::chrono::seconds(30));
    void stop(); ///< asks it to end and waits; kills it after 5 s

    QUrl url() const; ///< valid after start()
    QByteArray log(); ///< everything that it wrote so far
    QString directory() const
    {
        return m_directory.path();
    } ///< its config files and store; gone with this object
    qint64 processId() const { return m_process.processId(); }

protected:
    /// `arguments` may use %1 for directory().
    ServerProcess(const QString &program, const QStringList &arguments);

    bool writeFile(const QString &name, const QByteArray &content);

private:
    void readPort();
    bool isReady() const;

    QTemporaryDir m_directory;
    QString m_program;
    QStringList m_arguments;
    QProcess m_process;
    QByteArray m_log;
    quint16 m_port = 0;
};

} // namespace trendscope::test
