#pragma once

#include "core/config/push_settings.h"
#include "core/exporter/http/http_message.h"
#include "core/exporter/push/push_intake.h"

#include <optional>
#include <shared_mutex>
#include <string>

namespace trendscope::exporter {

/// POST /push: JSON lines (see PushIntake) from whoever has the token, in the header
/// `Authorization: Bearer TOKEN`, or `X-Trendscope-Token: TOKEN` where the server wants a password
/// in the other. Thread safe.
///
/// Answers 200 with `{"taken":n,"refused":n,"problem":"…"}`, 400 where all was refused, 401 without
/// the token, 404 while no token is configured, 503 where that changes at this very moment.
class PushEndpoint {
public:
    /// Both must outlive it.
    PushEndpoint(PushedMetrics &metrics, observability::Registry &registry);

    /// After it nothing more is taken with the settings of before.
    void configure(config::PushSettings settings);
    Response answer(const Request &request);

private:
    PushIntake m_intake;
    std::shared_mutex m_mutex;       ///< shared while a body is taken
    config::PushSettings m_settings; ///< with the mutex
};

/// The token; nothing where the settings name none. Errors: as of secretFrom(), and Invalid where
/// it is empty.
Result<std::optional<std::string>> readPushToken(const config::PushSettings &settings);

} // namespace trendscope::exporter
