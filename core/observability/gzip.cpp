#include "core/observability/gzip.h"

#include "core/observability/header_values_p.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

namespace trendscope::observability {

bool acceptsGzip(std::string_view acceptEncoding)
{
    std::optional<double> named;
    std::optional<double> any;
    forEachItem(acceptEncoding, [&](const HeaderItem &item) {
        if (equalsIgnoringCase(item.name, "gzip") || equalsIgnoringCase(item.name, "x-gzip"))
            named = std::max(named.value_or(0), item.weight());
        else if (item.name == "*")
            any = item.weight();
    });
    return named.value_or(any.value_or(0)) > 0;
}

std::optional<std::string> gzip(std::string_view text)
{
    constexpr int fastest = 1;
    struct Free {
        void operator()(libdeflate_compressor *compressor) const
        {
            ::libdeflate_free_compressor(compressor);
        }
    };
    // Not kept: an idle exporter should stay small, and making one costs little.
    const std::unique_ptr<libdeflate_compressor, Free> compressor(
        ::libdeflate_alloc_compressor(fastest));
    if (!compressor)
        return {};
    std::string out(::libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
    const std::size_t size = ::libdeflate_gzip_compress(compressor.get(), text.data(), text.size(),
                                                        out.data(), out.size());
    if (size == 0)
        return {};
    out.resize(size);
    return out;
}

} // namespace trendscope::observability
