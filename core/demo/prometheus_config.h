#pragma once

#include <QByteArray>
#include <QString>

namespace trendscope::demo {

/// What differs between the shipped config/prometheus.yml and the demo's.
struct PrometheusSettings {
    QString apiAddress; ///< host:port, as all addresses here
    QString celeryAddress;
    QString postgresAddress;
    QString exporterAddress;
    QString alertmanagerAddress;
    // Relative to where Prometheus runs, and without *, ?, [ and \: they are taken for patterns.
    QString selfTargetsFile; ///< Prometheus' own address is written there once it is known
    QString rulesDirectory;  ///< its *.yml are used as they are
};

/// The demo's prometheus.yml: the shipped jobs, scraped and evaluated every 5 s, under the labels
/// of the history.
QByteArray prometheusConfig(const PrometheusSettings &settings);

/// The content of `selfTargetsFile`.
/// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
QByteArray selfTargets(const QString &address);

} // namespace trendscope::demo
