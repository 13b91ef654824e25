// Before the first paint: the theme and the density that were chosen here last.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('pulser.theme');
    var density = localStorage.getItem('pulser.density');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (density === 'compact') root.dataset.density = density;
  } catch (_) {
    // Storage may be forbidden: then the theme is that of the system.
  }
})();
