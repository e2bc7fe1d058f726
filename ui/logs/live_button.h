#pragma once

#include <QToolButton>

namespace trendscope::ui {

struct Theme;

/// Says whether the list follows the newest record, and changes it. Green only while some source
/// brings records.
class LiveButton final : public QToolButton {
    Q_OBJECT

public:
    explicit LiveButton(const Theme &theme, QWidget *parent = nullptr);

    void setLive(bool isLive);
    void setFollowing(bool isFollowing); ///< some source

protected:
    void changeEvent(QEvent *event) override;

private:
    void refresh();

    const Theme &m_theme;
    bool m_isLive = true;
    bool m_isFollowing = false;
};

} // namespace trendscope::ui
