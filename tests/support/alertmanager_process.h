#pragma once

#include "support/server_process.h"

namespace trendscope::test {

/// A real Alertmanager without a cluster.
class AlertmanagerProcess final : public ServerProcess {
public:
    /// `config` is alertmanager.yml; the default sends to nobody.
    explicit AlertmanagerProcess(
        const QByteArray &config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
};

} // namespace trendscope::test
