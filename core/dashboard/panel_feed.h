#pragma once

#include "core/dashboard/field.h"
#include "core/dashboard/interpolation.h"
#include "core/dashboard/interval.h"
#include "core/dashboard/model.h"
#include "core/net/backoff.h"
#include "core/net/request.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace trendscope::prom {
class Client;
}

namespace trendscope::dashboard {

/// Keeps the data of one panel: asks its queries, holds the last good answer, and says how old it
/// is.
///
/// A failure keeps the last good data and is tried again by itself after 1 s, 2 s, … 30 s. A new
/// request replaces one that is under way. Single-threaded, in the client's thread.
class PanelFeed : public QObject {
    Q_OBJECT

public:
    static constexpr std::chrono::seconds patience{5};

    enum class State {
        Idle,    ///< nothing was asked yet, or there is nothing to ask
        Loading, ///< asked, and there is no earlier answer
        Ready,   ///< data() is the newest answer; it may hold no series
        Failed,  ///< error() says why; data() is of dataTime(), if there was ever any
    };

    /// What one refresh asks for.
    struct Request {
        AbsoluteRange range;
        std::chrono::seconds utcOffset{}; ///< steps are aligned to the zone's midnight
        int width =
            0; ///< of the panel in device-independent pixels: the most points that make sense
        bool isAutomatic =
            false; ///< a timer asked, not a person: a failing feed keeps its own pace
    };

    /// `client` must outlive the feed; `scope` holds the dashboard's variables.
    PanelFeed(prom::Client &client, Panel panel, Scope scope, QObject *parent = nullptr);

    const Panel &panel() const { return m_panel; }
    State state() const { return m_state; }
    bool isLoading() const { return m_pending > 0; }
    bool isOverdue() const
    {
        return m_isOverdue;
    } ///< the server has been silent for longer than `patience`
    const PanelData &data() const { return m_data; }
    const std::optional<Error> &error() const { return m_error; } ///< set while Failed
    const std::optional<prom::Timestamp> &dataTime() const
    {
        return m_dataTime;
    } ///< when data() arrived

    void refresh(const Request &request);

Q_SIGNALS:
    void changed(); ///< state, data or error are new
    void loadingChanged();

private:
    void ask();
    void send(const PanelQuery &query, const Interval &interval, std::size_t slot);
    void take(std::size_t slot, Result<prom::Answer> answer);
    void finish();
    void fail(Error error);
    void endWait();
    std::optional<Error> unanswerable() const;
    Interval intervalOf(const PanelQuery &query, const AbsoluteRange &range) const;
    AbsoluteRange panelRange() const;
    std::vector<PanelQuery> visibleQueries() const;

    prom::Client &m_client;
    Panel m_panel;
    Scope m_scope;
    Request m_request;
    State m_state = State::Idle;
    PanelData m_data;
    std::optional<Error> m_error;
    std::optional<prom::Timestamp> m_dataTime;

    std::vector<net::Request> m_requests; ///< of the refresh under way
    std::vector<QueryAnswer> m_answers;
    std::size_t m_pending = 0;
    net::Backoff m_backoff;
    QTimer m_retry;
    QTimer m_patience; ///< runs while an answer is waited for
    bool m_isOverdue = false;
};

} // namespace trendscope::dashboard
