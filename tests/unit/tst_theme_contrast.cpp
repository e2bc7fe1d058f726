#include "support/painted.h"
#include "ui/theme/contrast.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QTest>

using namespace trendscope;
using namespace trendscope::ui;

class TestThemeContrast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void measuresAsTheGuidelinesDo();
    void makesAnyColourReadable_data() { themes(); }
    void makesAnyColourReadable();
    void showsPlaceholdersThatCanBeRead_data() { themes(); }
    void showsPlaceholdersThatCanBeRead();

private:
    static void themes()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
};

void TestThemeContrast::measuresAsTheGuidelinesDo()
{
    QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrast(Qt::white, Qt::white), 1.0);
    QVERIFY(std::abs(contrast(QColor(0x76, 0x76, 0x76), Qt::white) - 4.54) < 0.01);
}

void TestThemeContrast::makesAnyColourReadable()
{
    QFETCH(bool, isDark);
    const Theme theme = isDark ? Theme::dark() : Theme::light();
    for (const QColor &ground : {theme.canvas, theme.panel, theme.hover}) {
        for (const QColor &color : {theme.red, theme.orange, theme.yellow, theme.green, theme.blue,
                                    theme.purple, theme.secondary, theme.faint, ground})
            QVERIFY(contrast(readable(color, ground, theme.text), ground) >= readableContrast);
    }
    QCOMPARE(readable(theme.blue, theme.canvas, theme.text), theme.blue); // it is already
}

/// As painted: a style sheet can have its own idea of a palette.
void TestThemeContrast::showsPlaceholdersThatCanBeRead()
{
    QFETCH(bool, isDark);
    const Theme theme = isDark ? Theme::dark() : Theme::light();
    QApplication::setPalette(theme.palette());
    qApp->setStyleSheet(theme.styleSheet());
    QLineEdit edit;
    edit.setFont(monoFont(12));
    edit.setPlaceholderText(QStringLiteral("level>=WARNING"));
    edit.resize(300, 30);
    edit.ensurePolished();

    const QImage image = test::paintedWidget(edit, 4, theme.canvas);

    const QColor ground = image.pixelColor(image.width() - 40, image.height() / 2);
    QCOMPARE(ground, theme.panel);
    double best = 1;
    for (int y = 24; y < image.height() - 24; ++y) { // within the border
        for (int x = 24; x < image.width() - 24; ++x)
            best = std::max(best, contrast(image.pixelColor(x, y), ground));
    }
    QVERIFY2(best >= readableContrast, qPrintable(QString::number(best)));
    QVERIFY2(best < contrast(theme.text, ground), "as strong as what somebody typed");
}

QTEST_MAIN(TestThemeContrast)
#include "tst_theme_contrast.moc"
