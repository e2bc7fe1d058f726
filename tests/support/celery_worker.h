#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace trendscope::test {

/// A Celery application in a folder: a real worker, and its senders.
///
/// The worker and the processes that it forks die with this object.
class CeleryWorker {
public:
    /// `module` is the application's file in `folder`, without .py; it reads BROKER.
    CeleryWorker(const QString &folder, const QString &module, const QString &broker);
    ~CeleryWorker();
    CeleryWorker(const CeleryWorker &) = delete;
    CeleryWorker &operator=(const CeleryWorker &) = delete;

    bool start(); ///< waits until it takes tasks
    void stop();  ///< lets it end what it runs
    void kill();  ///< at once, with all that it forked

    /// Runs a script of the folder to its end, e.g. {"send.py", "3"}; whether it went well.
    bool run(const QStringList &arguments, bool tellsOfSending = true);

    QByteArray log();

private:
    void setUp(QProcess &process, bool tellsOfSending) const;

    const QString m_folder;
    const QString m_module;
    const QString m_broker;
    QProcess m_process;
    QByteArray m_log;
};

} // namespace trendscope::test
