#pragma once

#include "metrics.h"

namespace trendscope::observability {

namespace detail {

/// A member of the catalogue of metrics(), which are made when it is used, not before.
template <auto member>
class OfDefault;

template <class Labels, class Handle, TypedFamily<Labels, Handle> Catalogue::*member>
class OfDefault<member> {
public:
    Handle labels(const Labels &labels) const { return (metrics().*member).labels(labels); }
    void remove(const Labels &labels) const { (metrics().*member).remove(labels); }
};

template <Gauge Catalogue::*member>
class OfDefault<member> {
public:
    void set(double value) const { (metrics().*member).set(value); }
    void increment(double by = 1) const { (metrics().*member).increment(by); }
    void decrement(double by = 1) const { (metrics().*member).decrement(by); }
    double value() const { return (metrics().*member).value(); }
    void remove() const { (metrics().*member).remove(); }
};

} // namespace detail

/// The metrics of the catalogue, as they are in metrics(); see there, and TypedFamily and Gauge:
///
///     apiRequestsTotal.labels({.method = "GET", .endpoint = "/x", .statusCode = 200}).increment();
///
/// Each use asks for metrics() anew, some nanoseconds. They hold nothing, so static objects may use
/// them at any time.
inline constexpr detail::OfDefault<&Catalogue::apiRequestsTotal> apiRequestsTotal;
inline constexpr detail::OfDefault<&Catalogue::apiRequestDurationSeconds> apiRequestDurationSeconds;
inline constexpr detail::OfDefault<&Catalogue::apiActiveRequests> apiActiveRequests;

inline constexpr detail::OfDefault<&Catalogue::celeryTasksTotal> celeryTasksTotal;
inline constexpr detail::OfDefault<&Catalogue::celeryTaskDurationSeconds> celeryTaskDurationSeconds;
inline constexpr detail::OfDefault<&Catalogue::celeryTaskRetriesTotal> celeryTaskRetriesTotal;
inline constexpr detail::OfDefault<&Catalogue::celeryActiveTasks> celeryActiveTasks;
inline constexpr detail::OfDefault<&Catalogue::celeryQueueLength> celeryQueueLength;
inline constexpr detail::OfDefault<&Catalogue::celeryOldestRunningTaskSeconds>
    celeryOldestRunningTaskSeconds;
inline constexpr detail::OfDefault<&Catalogue::celeryWorkersOnline> celeryWorkersOnline;

inline constexpr detail::OfDefault<&Catalogue::dbQueryDurationSeconds> dbQueryDurationSeconds;
inline constexpr detail::OfDefault<&Catalogue::dbConnectionPoolSize> dbConnectionPoolSize;
inline constexpr detail::OfDefault<&Catalogue::dbConnectionPoolAvailable> dbConnectionPoolAvailable;

inline constexpr detail::OfDefault<&Catalogue::itemsCollectedTotal> itemsCollectedTotal;
inline constexpr detail::OfDefault<&Catalogue::trendsCreatedTotal> trendsCreatedTotal;
inline constexpr detail::OfDefault<&Catalogue::topicsCreatedTotal> topicsCreatedTotal;
inline constexpr detail::OfDefault<&Catalogue::activeTrends> activeTrends;

inline constexpr detail::OfDefault<&Catalogue::systemCpuUsagePercent> systemCpuUsagePercent;
inline constexpr detail::OfDefault<&Catalogue::systemMemoryUsagePercent> systemMemoryUsagePercent;
inline constexpr detail::OfDefault<&Catalogue::systemDiskUsagePercent> systemDiskUsagePercent;

inline constexpr detail::OfDefault<&Catalogue::pgUp> pgUp;

} // namespace trendscope::observability
