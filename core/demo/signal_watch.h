#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace trendscope::demo {

/// Turns SIGINT, SIGTERM and SIGHUP into a Qt signal for as long as it lives. One at a time; make
/// it before other threads begin.
class SignalWatch final : public QObject {
    Q_OBJECT

public:
    explicit SignalWatch(QObject *parent = nullptr);
    ~SignalWatch() override;

Q_SIGNALS:
    void stopRequested();

private:
    void readSignals();

    int m_descriptor;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace trendscope::demo
