#pragma once

#include "ui/panels/panel_view.h"

namespace trendscope::ui {

/// A tile for a panel type that is not drawn; it names the type.
class UnsupportedView final : public PanelView {
    Q_OBJECT

public:
    UnsupportedView(QString type, const Theme &theme, QWidget *parent = nullptr);

    void setData(const dashboard::PanelData &) override { }
    bool isSupported() const override { return false; }
    bool showsEmptyData() const override { return true; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_type;
};

} // namespace trendscope::ui
