// The style of the HTML reference: light, dark and print, without scripts, fonts or pictures.

export const pageStyle = `
:root{color-scheme:light dark;--bg:#fff;--side:#f7f7f9;--text:#1f2328;--soft:#59636e;--line:#dfe2e7;--code:#f1f2f5;--link:#0b57d0;
--get:#1a7f37;--post:#0b57d0;--put:#9a6700;--patch:#8250df;--delete:#cf222e;--other:#59636e}
@media (prefers-color-scheme:dark){:root{--bg:#14171c;--side:#1a1e25;--text:#e3e7ec;--soft:#9aa4b0;--line:#2f3640;--code:#20262e;
--link:#79b0ff;--get:#56d07a;--post:#79b0ff;--put:#e0b040;--patch:#c297ff;--delete:#ff7b72;--other:#9aa4b0}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.page{display:grid;grid-template-columns:19rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:1.5rem 1rem 2rem;background:var(--side);border-right:1px solid var(--line);font-size:.86rem;line-height:1.35}
nav .name{font-weight:650;font-size:1rem;margin:0 0 1rem}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:grid;grid-template-columns:3.6rem minmax(0,1fr);gap:.4rem;padding:.2rem .3rem;border-radius:4px;color:inherit}
nav li a.plain{display:block;overflow-wrap:anywhere}
nav li a:hover{background:var(--code);text-decoration:none}
nav li span:last-child{overflow-wrap:anywhere}
nav summary{cursor:pointer;font-weight:600;padding:.35rem .1rem}
nav .count{color:var(--soft);font-weight:400}
nav .m{font-size:.68rem;text-align:right;padding-top:.12rem}
main{padding:2.5rem clamp(1rem,4vw,4rem) 6rem;max-width:66rem}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
h1{font-size:2.1rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.01em}
h2{font-size:1.5rem;margin:3.2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.16rem;margin:0 0 .2rem;line-height:1.35;overflow-wrap:anywhere}
h4{font-size:.8rem;margin:1.3rem 0 .4rem;text-transform:uppercase;letter-spacing:.05em;color:var(--soft)}
h5{font-size:.98rem;margin:1.1rem 0 .3rem;font-weight:600}
h6{font-size:.98rem;margin:1rem 0 .3rem}
p{margin:.5rem 0}
.meta,.soft{color:var(--soft)}
.meta{margin:0 0 1.2rem}
code,pre,.t,.f{font-family:ui-monospace,SFMono-Regular,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{background:var(--code);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--code);padding:.8rem 1rem;border-radius:6px;overflow:auto;max-height:26rem;line-height:1.45;margin:.4rem 0}
pre code{background:none;padding:0;font-size:1em;overflow-wrap:normal}
blockquote{margin:.6rem 0;padding:0 1rem;border-left:3px solid var(--line);color:var(--soft)}
.op,.schema{padding:1.6rem 0 1.4rem;border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 40rem}
h2+.op,h2+.schema,.intro+.op{border-top:0;padding-top:.6rem}
.route{display:flex;gap:.6rem;align-items:baseline;margin:.2rem 0 .5rem;font-size:1rem;flex-wrap:wrap}
.route code{background:none;padding:0;font-size:.95rem}
.m{font:700 .78rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.02em;color:var(--other)}
.m.get,.m.head{color:var(--get)}.m.post{color:var(--post)}.m.put{color:var(--put)}.m.patch{color:var(--patch)}.m.delete{color:var(--delete)}
.wrap{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;line-height:1.45}
th{font-weight:600;text-align:left;color:var(--soft);font-size:.8rem;border-bottom:1px solid var(--line);padding:.3rem .8rem .3rem 0}
td{vertical-align:top;border-bottom:1px solid var(--line);padding:.45rem .8rem .45rem 0;min-width:5rem}
td:first-child{width:30%;overflow-wrap:anywhere}
td p:first-child{margin-top:0}td p:last-child{margin-bottom:0}
.fields td:nth-child(2),.params td:nth-child(2){width:22%}
.t{color:var(--soft);overflow-wrap:anywhere}
.f{display:block;color:var(--soft);overflow-wrap:anywhere}
.req{color:var(--delete);font-size:.78rem;margin-left:.45rem;white-space:nowrap}
.tag{font-size:.75rem;border:1px solid var(--line);border-radius:999px;padding:.05rem .5rem;color:var(--soft);margin-left:.5rem;white-space:nowrap;font-weight:400}
.gone{text-decoration:line-through}
details.more>summary{cursor:pointer;color:var(--link);font-size:.92rem;padding:.25rem 0}
details.answer{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:0 .9rem}
details.answer>summary{cursor:pointer;padding:.5rem 0;display:flex;gap:.7rem;align-items:baseline}
details.answer>summary p{margin:0}
details.answer>summary::after{content:"+";margin-left:auto;color:var(--soft)}
details.answer[open]>summary::after{content:"\\2013"}
details.answer[open]{padding-bottom:.7rem}
.status{font:600 .88rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.s2{color:var(--get)}.s3{color:var(--put)}.s4,.s5{color:var(--delete)}
.note{border-left:3px solid var(--put);padding:.2rem 0 .2rem .9rem;margin:1rem 0;color:var(--soft)}
@media (max-width:60rem){.page{display:block}nav{position:static;height:auto;max-height:45vh;border-right:0;border-bottom:1px solid var(--line)}main{padding-top:1.5rem}}
@media print{:root{--bg:#fff;--text:#000;--soft:#444;--line:#bbb;--code:#f5f5f5;--link:#000;--get:#000;--post:#000;--put:#000;--patch:#000;--delete:#000}
@page{margin:18mm 16mm}
body{font-size:10pt}.page{display:block}nav{position:static;height:auto;max-height:none;background:none;border:0;padding:0;break-after:page;columns:2}
main{max-width:none;padding:0}.op,.schema{content-visibility:visible}h2,h3,h4,h5{break-after:avoid}tr,pre{break-inside:avoid}
pre{max-height:none;white-space:pre-wrap;overflow-wrap:anywhere}.wrap{overflow:visible}
details::details-content{content-visibility:visible;block-size:auto}}
`.trim();
