#pragma once

#include "core/dashboard/field.h"
#include "core/dashboard/model.h"
#include "ui/theme/theme.h"

#include <QTimeZone>
#include <QWidget>

#include <memory>
#include <optional>

namespace trendscope::ui {

/// The inside of a panel: draws the data it is given. When to ask, and whom, is its owner's
/// business.
class PanelView : public QWidget {
    Q_OBJECT

public:
    PanelView(const Theme &theme, QWidget *parent)
        : QWidget(parent)
        , m_theme(theme)
    {
    }

    /// Replaces what is shown. `panelData` must stay as it is until the next call.
    virtual void setData(const dashboard::PanelData &panelData) = 0;

    /// Old data, after a failure, is drawn so that nobody takes it for new.
    void setStale(bool isStale)
    {
        m_isStale = isStale;
        update();
    }

    /// A panel elsewhere is pointed at `time` (ms since the epoch); nothing: at none.
    virtual void setCrosshair(std::optional<std::int64_t> time) { Q_UNUSED(time) }

    /// The pointer has left, or what is under it has moved away.
    virtual void forgetPointer() { }

    /// Whether the panel's type is drawn at all.
    virtual bool isSupported() const { return true; }

    /// Whether the view can show something sensible for no series; else its frame says "No data".
    virtual bool showsEmptyData() const { return false; }

Q_SIGNALS:
    void crosshairMoved(std::optional<std::int64_t> time);
    void rangeSelected(std::int64_t start, std::int64_t end); ///< ms since the epoch; start < end
    void zoomOutRequested();

protected:
    const Theme &theme() const { return m_theme; }
    bool isStale() const { return m_isStale; }

private:
    const Theme &m_theme;
    bool m_isStale = false;
};

/// The view for a panel's type; a labelled tile for a type that is not drawn. `theme` must outlive
/// it.
std::unique_ptr<PanelView> createPanelView(const dashboard::Panel &panel, const Theme &theme,
                                           const QTimeZone &zone);

} // namespace trendscope::ui
