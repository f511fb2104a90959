/* The page's own script: draws the plots from the data beside them, follows the reader's theme and clock. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const css = (name) => (name.startsWith('--') ? getComputedStyle(root).getPropertyValue(name).trim() : name);
  const drawn = [];

  const write = (value, { scale, decimals }) => {
    if (value === null || value === undefined) return '';
    const number = value / scale.divide;
    const size = Math.abs(number);
    const digits = decimals ?? (size >= 100 || Number.isInteger(number) ? 0 : size >= 10 ? 1 : 2);
    return number.toFixed(digits) + scale.suffix;
  };
  /** As many digits as the steps between the marks need: 0.25, not 0.3. */
  const tick = (value, { scale }, step) => {
    const size = step / scale.divide;
    let digits = 0;
    while (
      digits < 4 &&
      Math.abs(size * 10 ** digits - Math.round(size * 10 ** digits)) > 1e-6 * 10 ** digits
    )
      digits++;
    return (value / scale.divide).toFixed(digits) + scale.suffix;
  };

  const stack = (series) => {
    const sums = [];
    return series.map((values) =>
      values.map((value, at) => (value === null ? null : (sums[at] = (sums[at] ?? 0) + value))),
    );
  };

  const lines = (plot) => (chart) => {
    const { ctx } = chart;
    for (const { value, color } of plot.thresholds) {
      const y = chart.valToPos(value, 'y', true);
      if (y < chart.bbox.top || y > chart.bbox.top + chart.bbox.height) continue;
      ctx.save();
      ctx.strokeStyle = css(color);
      ctx.globalAlpha = 0.75;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(chart.bbox.left, y);
      ctx.lineTo(chart.bbox.left + chart.bbox.width, y);
      ctx.stroke();
      ctx.restore();
    }
  };

  /** Steps of two for what is counted in 1024s. */
  const steps = ({ scale }) =>
    /i[Bb]/.test(scale.suffix)
      ? Array.from({ length: 40 }, (_, power) => 2 ** (power - 10) * scale.divide)
      : undefined;

  const draw = (place) => {
    const plot = JSON.parse(place.querySelector('script').textContent);
    const values = plot.stacked ? stack(plot.series) : plot.series;
    const legend = place.nextElementSibling;
    const said = [...legend.querySelectorAll('b')];
    const last = said.map((one) => one.textContent);
    const range = (chart, low, high) => {
      const [from, to] =
        low === high
          ? [Math.min(0, low ?? 0), Math.max(1, high ?? 1)]
          : uPlot.rangeNum(low ?? 0, high ?? 1, 0.08, true);
      return [plot.min ?? from, plot.max === null ? to : Math.max(plot.max, high ?? plot.max)];
    };
    const options = {
      width: place.clientWidth,
      height: place.clientHeight,
      legend: { show: false },
      cursor: { sync: { key: 'all' }, points: { size: 6 }, drag: { x: false, y: false } },
      scales: { x: { time: true }, y: { range } },
      axes: [
        {
          stroke: () => css('--soft'),
          grid: { stroke: () => css('--grid'), width: 1 },
          ticks: { show: false },
          size: 26,
          font: '11px system-ui',
          values: (chart, splits) =>
            splits.map((at) =>
              new Date(at * 1000).toLocaleTimeString([], {
                hour: '2-digit',
                minute: '2-digit',
                hour12: false,
              }),
            ),
        },
        {
          stroke: () => css('--soft'),
          grid: { stroke: () => css('--grid'), width: 1 },
          ticks: { show: false },
          font: '11px system-ui',
          ...(steps(plot) && { incrs: steps(plot) }),
          values: (chart, splits) => splits.map((value) => tick(value, plot, splits[1] - splits[0])),
          size: (chart, words) => 12 + 6.4 * Math.max(2, ...(words ?? []).map((word) => word.length)),
        },
      ],
      series: [
        {},
        ...plot.colors.map((color) => ({
          stroke: () => css(color),
          width: 1.5,
          points: { show: false },
          fill:
            plot.fill > 0
              ? () =>
                  css(color) +
                  Math.round(plot.fill * 255)
                    .toString(16)
                    .padStart(2, '0')
              : undefined,
        })),
      ],
      bands: plot.stacked ? plot.colors.slice(1).map((_, index) => ({ series: [index + 2, index + 1] })) : [],
      hooks: {
        draw: [lines(plot)],
        setCursor: [
          (chart) => {
            const { idx } = chart.cursor;
            said.forEach((one, index) => {
              one.textContent =
                idx === null || idx === undefined ? last[index] : write(plot.series[index][idx], plot);
            });
          },
        ],
      },
    };
    const chart = new uPlot(options, [plot.times, ...values], place);
    drawn.push(chart);
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(
      place,
    );
  };

  let chosen = null;
  const paint = () => {
    root.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light');
    for (const chart of drawn) chart.redraw(false);
  };
  document.getElementById('theme').addEventListener('click', () => {
    chosen = root.dataset.theme === 'dark' ? 'light' : 'dark';
    paint();
  });
  dark.addEventListener('change', paint);
  paint();
  for (const moment of document.querySelectorAll('time')) {
    const at = new Date(Number(moment.dataset.at) * 1000);
    const clock = { hour: '2-digit', minute: '2-digit', hour12: false };
    moment.textContent =
      'long' in moment.dataset
        ? at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
        : at.toLocaleTimeString([], clock);
  }
  document.querySelectorAll('.plot').forEach(draw);
  root.dataset.drawn = String(drawn.length);
})();
