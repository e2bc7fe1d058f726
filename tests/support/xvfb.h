#pragma once

#include <QProcess>
#include <QProcessEnvironment>

namespace trendscope::test {

/// A real X server without a screen, which does not start anew when its last client leaves (a
/// desktop always has one), on a display number that it picks itself; ends with this object.
class Xvfb {
public:
    ~Xvfb()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(5'000))
            m_process.kill();
    }

    bool start(const QString &screen = QStringLiteral("1440x900x24"))
    {
        m_process.start(QStringLiteral("Xvfb"),
                        {QStringLiteral("-displayfd"), QStringLiteral("1"),
                         QStringLiteral("-noreset"), QStringLiteral("-nolisten"),
                         QStringLiteral("tcp"), QStringLiteral("-screen"), QStringLiteral("0"),
                         screen});
        while (!m_display.endsWith('\n') && m_process.state() != QProcess::NotRunning
               && m_process.waitForReadyRead(10'000))
            m_display += m_process.readAllStandardOutput();
        return m_display.endsWith('\n');
    }

    /// This environment with windows going to the server.
    QProcessEnvironment environment() const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.remove(QStringLiteral("WAYLAND_DISPLAY"));
        environment.insert(QStringLiteral("DISPLAY"),
                           QLatin1Char(':') + QString::fromLatin1(m_display.trimmed()));
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
        return environment;
    }

private:
    QProcess m_process;
    QByteArray m_display;
};

} // namespace trendscope::test
