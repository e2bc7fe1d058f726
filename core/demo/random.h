#pragma once

#include <cstdint>
#include <random>

namespace trendscope::demo {

/// The only source of chance in the simulation: the same seed and the same calls give the same
/// numbers.
class Random {
public:
    explicit Random(std::uint64_t seed)
        : m_engine(seed)
    {
    }

    /// How many events happen where `mean` are expected; 0 for a mean that is not positive.
    std::int64_t poisson(double mean);
    /// Standard normal distribution.
    double normal();
    double uniform(double low, double high);
    /// A positive value with this median; `spread` is the standard deviation of its logarithm.
    double logNormal(double median, double spread);
    std::uint64_t bits() { return m_engine(); }

private:
    std::mt19937_64 m_engine;
    std::normal_distribution<double> m_normal;
};

/// A value that drifts around 0 and is pulled back to it (an Ornstein-Uhlenbeck process): what
/// makes curves look measured. Its statistics do not depend on the step width, so that history and
/// live data look alike.
class Wander {
public:
    /// `deviation` is the standard deviation in the long run, `memorySeconds` how long it
    /// remembers.
    Wander(double deviation, double memorySeconds)
        : m_deviation(deviation)
        , m_memory(memorySeconds)
    {
    }

    double advance(Random &random, double spanSeconds);
    double value() const { return m_value; }

private:
    double m_deviation;
    double m_memory;
    double m_value = 0;
};

} // namespace trendscope::demo
