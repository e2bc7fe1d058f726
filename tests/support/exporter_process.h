#pragma once

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

namespace test {

/// The real `trendscope exporter`, on a port of its own choice. Ends with this object.
class ExporterProcess {
public:
    ~ExporterProcess()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    /// Whether it listens; waits for that.
    bool start(const QStringList &options = {})
    {
        m_process.start(QStringLiteral(TRENDSCOPE_BINARY),
                        QStringList{QStringLiteral("exporter"),
                                    QStringLiteral("--web.listen-address"),
                                    QStringLiteral("127.0.0.1:0")}
                            + options);
        QElapsedTimer timer;
        timer.start();
        while (port() == 0 && timer.elapsed() < 10'000 && m_process.state() != QProcess::NotRunning)
            m_process.waitForReadyRead(100);
        return port() != 0;
    }

    /// From its log; 0 until it listens.
    quint16 port()
    {
        m_log += m_process.readAllStandardError();
        for (const QByteArray &line : m_log.split('\n')) {
            const QJsonObject record = QJsonDocument::fromJson(line).object();
            if (record[QStringLiteral("message")].toString() == QStringLiteral("Listening")) {
                const QString address =
                    record[QStringLiteral("context")][QStringLiteral("address")].toString();
                return address.mid(address.lastIndexOf(QChar(u':')) + 1).toUShort();
            }
        }
        return 0;
    }

    QProcess &process() { return m_process; }
    /// What it has logged so far.
    QByteArray log() { return m_log += m_process.readAllStandardError(); }

private:
    QProcess m_process;
    QByteArray m_log;
};

} // namespace test
