<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_GB">
<context>
    <name>AboutPage</name>
    <message>
        <source>not named by the package</source>
        <translation>组件未注明</translation>
    </message>
    <message>
        <source>The package brings no text of its licence along; its metadata names: {licence}</source>
        <translation>这个组件没有附带许可证全文；其元数据注明：{licence}</translation>
    </message>
    <message>
        <source>About Fabric Desktop</source>
        <translation>关于 Fabric Desktop</translation>
    </message>
    <message>
        <source>Fabric Desktop {version}</source>
        <translation>Fabric Desktop {version}</translation>
    </message>
    <message>
        <source>Names the fabric in a photograph, on this computer alone. Free software under the MIT licence.</source>
        <translation>识别照片里的面料，全部在本机完成。自由软件，MIT 许可证。</translation>
    </message>
    <message>
        <source>MADE OF THE WORK OF MANY</source>
        <translation>本程序的组成与许可</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Packages and their licences</source>
        <translation>组件及其许可证</translation>
    </message>
    <message>
        <source>Text of the licence</source>
        <translation>许可证全文</translation>
    </message>
    <message>
        <source>Copy versions</source>
        <translation>复制版本信息</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>The studio is still being opened.</source>
        <translation>工作室还在打开。</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>The library has no reference photos yet.</source>
        <translation>面料库里还没有参考图。</translation>
    </message>
    <message>
        <source>No patch has been labelled yet.</source>
        <translation>还没有标注过样本。</translation>
    </message>
    <message>
        <source>Open a photograph first.</source>
        <translation>请先打开一张照片。</translation>
    </message>
    <message>
        <source>Choose a region on the photograph first.</source>
        <translation>请先在照片上选一个区域。</translation>
    </message>
    <message>
        <source>There is no answer for this region yet.</source>
        <translation>这个区域还没有结果。</translation>
    </message>
    <message>
        <source>Type the name of the fabric first.</source>
        <translation>请先输入面料名称。</translation>
    </message>
    <message>
        <source>Another long job is running.</source>
        <translation>另一项任务正在进行。</translation>
    </message>
    <message>
        <source>No job is running.</source>
        <translation>现在没有任务。</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>没有可撤销的操作。</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>没有可重做的操作。</translation>
    </message>
    <message>
        <source>Only the sample studio has sample photographs.</source>
        <translation>只有示例文件夹里才有示例照片。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>粘贴图片(&amp;P)</translation>
    </message>
    <message>
        <source>Open the picture or picture file on the clipboard.</source>
        <translation>打开剪贴板里的图片或图片文件。</translation>
    </message>
    <message>
        <source>Open a &amp;sample photograph</source>
        <translation>打开示例照片(&amp;S)</translation>
    </message>
    <message>
        <source>Open the next drawn photograph of the sample studio.</source>
        <translation>打开示例文件夹里的下一张绘制照片。</translation>
    </message>
    <message>
        <source>&amp;Open photograph…</source>
        <translation>打开照片(&amp;O)…</translation>
    </message>
    <message>
        <source>No version of the model is in use yet.</source>
        <translation>还没有使用中的模型版本。</translation>
    </message>
    <message>
        <source>Open a folder of photos first.</source>
        <translation>请先打开一个照片文件夹。</translation>
    </message>
    <message>
        <source>Open folder of p&amp;hotos…</source>
        <translation>打开照片文件夹(&amp;H)…</translation>
    </message>
    <message>
        <source>Go through the photos of a folder one after another.</source>
        <translation>逐张浏览一个文件夹里的照片。</translation>
    </message>
    <message>
        <source>&amp;Recognise a folder…</source>
        <translation>识别文件夹(&amp;R)…</translation>
    </message>
    <message>
        <source>All photos of a folder as one job; the results as a table.</source>
        <translation>把文件夹里的照片作为一项任务识别，结果列成表格。</translation>
    </message>
    <message>
        <source>Open my own &amp;folder…</source>
        <translation>打开自己的文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>Work in a folder of your own: its fabrics, labels and models.</source>
        <translation>用自己的文件夹工作：里面放面料、标注和模型。</translation>
    </message>
    <message>
        <source>Go to the &amp;drawn samples</source>
        <translation>去看绘制的示例(&amp;D)</translation>
    </message>
    <message>
        <source>Look at the program with drawn cloth; your own folder stays as it is.</source>
        <translation>用绘制的布料了解本程序；自己的文件夹不受影响。</translation>
    </message>
    <message>
        <source>Share this st&amp;udio…</source>
        <translation>分享这个工作室(&amp;U)…</translation>
    </message>
    <message>
        <source>Library, labels and the model in use as one file, for another computer.</source>
        <translation>把面料库、标注和使用中的模型存成一个文件，拿到另一台电脑上用。</translation>
    </message>
    <message>
        <source>Share only the &amp;model…</source>
        <translation>只分享模型(&amp;M)…</translation>
    </message>
    <message>
        <source>Bank, head and names as one file; no photo leaves this computer.</source>
        <translation>把参考库、线性头和面料名称存成一个文件；照片都留在这台电脑上。</translation>
    </message>
    <message>
        <source>&amp;Take in a shared file…</source>
        <translation>导入分享文件(&amp;T)…</translation>
    </message>
    <message>
        <source>A studio becomes a folder of its own; a model a version here, not in use.</source>
        <translation>工作室会放进单独的新文件夹；模型会成为这里的一个版本，暂不使用。</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Save label</source>
        <translation>保存标注(&amp;S)</translation>
    </message>
    <message>
        <source>Keep the patch as a labelled example of the fabric you named.</source>
        <translation>把样本存为所填面料的标注样本。</translation>
    </message>
    <message>
        <source>&amp;Accept the first candidate</source>
        <translation>接受第一个候选(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Name the fabric</source>
        <translation>填写面料名称(&amp;N)</translation>
    </message>
    <message>
        <source>Put the cursor into the field for the fabric&apos;s name.</source>
        <translation>把光标移到面料名称栏。</translation>
    </message>
    <message>
        <source>Un&amp;known: keep for review</source>
        <translation>不认识：留待确认(&amp;K)</translation>
    </message>
    <message>
        <source>Put the region&apos;s patch into the review queue, to be named later.</source>
        <translation>把区域的样本放进待确认队列，以后再标注。</translation>
    </message>
    <message>
        <source>Next in the review &amp;queue</source>
        <translation>待确认的下一个(&amp;Q)</translation>
    </message>
    <message>
        <source>Patches the program is unsure of, the most useful one first.</source>
        <translation>程序拿不准的样本，最值得标注的排在前面。</translation>
    </message>
    <message>
        <source>&amp;Delete region</source>
        <translation>删除区域(&amp;D)</translation>
    </message>
    <message>
        <source>Ne&amp;xt region</source>
        <translation>下一个区域(&amp;X)</translation>
    </message>
    <message>
        <source>Pre&amp;vious region</source>
        <translation>上一个区域(&amp;V)</translation>
    </message>
    <message>
        <source>Make the region a r&amp;eference</source>
        <translation>把区域设为参考图(&amp;E)</translation>
    </message>
    <message>
        <source>Keep it in the library as a reference photo of its fabric.</source>
        <translation>存入面料库，作为该面料的参考图。</translation>
    </message>
    <message>
        <source>&amp;Copy result</source>
        <translation>复制结果(&amp;C)</translation>
    </message>
    <message>
        <source>Copy the candidates and the look as text.</source>
        <translation>以文字复制候选面料和外观。</translation>
    </message>
    <message>
        <source>Copy result as &amp;JSON</source>
        <translation>复制为 &amp;JSON</translation>
    </message>
    <message>
        <source>The region and its candidates for other programs.</source>
        <translation>区域及候选面料，供其他程序使用。</translation>
    </message>
    <message>
        <source>Du&amp;plicate region</source>
        <translation>复制区域(&amp;P)</translation>
    </message>
    <message>
        <source>A second region of the same shape beside it.</source>
        <translation>在旁边再建一个同样形状的区域。</translation>
    </message>
    <message>
        <source>Select a&amp;ll regions</source>
        <translation>全选区域(&amp;L)</translation>
    </message>
    <message>
        <source>Naming, duplicating and deleting then mean all; Shift and click adds one.</source>
        <translation>之后的标注、复制、删除对全部区域生效；Shift 加点击可加选一个。</translation>
    </message>
    <message>
        <source>&amp;Find action, fabric or photo</source>
        <translation>查找命令、面料或照片(&amp;F)</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>设置(&amp;T)…</translation>
    </message>
    <message>
        <source>Everything that can be set in this studio, each with its default.</source>
        <translation>这个工作室的全部设置，每一项都有默认值。</translation>
    </message>
    <message>
        <source>&amp;Pick</source>
        <translation>点选(&amp;P)</translation>
    </message>
    <message>
        <source>Click on the cloth: a square patch around the point is recognised.</source>
        <translation>在布料上点一下：识别该点周围的方形样本。</translation>
    </message>
    <message>
        <source>&amp;Box</source>
        <translation>框选(&amp;B)</translation>
    </message>
    <message>
        <source>Drag a box over the cloth; its handles change it, Shift keeps it square.</source>
        <translation>在布料上拖出方框；拖动控制点可调整，按住 Shift 保持正方形。</translation>
    </message>
    <message>
        <source>&amp;Lasso</source>
        <translation>套索(&amp;L)</translation>
    </message>
    <message>
        <source>Draw around the cloth; pixels outside the line are left out.</source>
        <translation>沿面料画一圈；线外的像素不算在内。</translation>
    </message>
    <message>
        <source>&amp;Scale: measure a ruler</source>
        <translation>比例：量一段标尺(&amp;S)</translation>
    </message>
    <message>
        <source>Drag a line over a ruler in the photograph and type its length; patches keep the scale.</source>
        <translation>沿照片里的标尺拖一条线并输入长度；比例随样本保存。</translation>
    </message>
    <message>
        <source>&amp;Whole photograph</source>
        <translation>整张照片(&amp;W)</translation>
    </message>
    <message>
        <source>Recognise the whole photograph as one patch.</source>
        <translation>把整张照片当作一个样本来识别。</translation>
    </message>
    <message>
        <source>Whole</source>
        <translation>整张</translation>
    </message>
    <message>
        <source>Smaller patch</source>
        <translation>样本小一些</translation>
    </message>
    <message>
        <source>The square that Pick takes.</source>
        <translation>点选时所取的方块。</translation>
    </message>
    <message>
        <source>Larger patch</source>
        <translation>样本大一些</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>放大(&amp;I)</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>缩小(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Fit in window</source>
        <translation>适合窗口(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Actual size, 100 %</source>
        <translation>实际大小 100%(&amp;A)</translation>
    </message>
    <message>
        <source>Ne&amp;xt photo</source>
        <translation>下一张照片(&amp;X)</translation>
    </message>
    <message>
        <source>Pre&amp;vious photo</source>
        <translation>上一张照片(&amp;V)</translation>
    </message>
    <message>
        <source>P&amp;hotos panel</source>
        <translation>照片栏(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Compare with the reference</source>
        <translation>与参考图对比(&amp;C)</translation>
    </message>
    <message>
        <source>Patch and reference side by side, as large as the screen.</source>
        <translation>样本与参考图并排，放到屏幕大小。</translation>
    </message>
    <message>
        <source>&amp;Result panel</source>
        <translation>结果面板(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Name panel</source>
        <translation>标注面板(&amp;N)</translation>
    </message>
    <message>
        <source>Review &amp;queue</source>
        <translation>待确认队列(&amp;Q)</translation>
    </message>
    <message>
        <source>Labell&amp;ed patches</source>
        <translation>已标注样本(&amp;E)</translation>
    </message>
    <message>
        <source>Like the &amp;system</source>
        <translation>跟随系统(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>浅色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>深色(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Library…</source>
        <translation>面料库(&amp;L)…</translation>
    </message>
    <message>
        <source>Fabrics, their reference photos and what is declared of them.</source>
        <translation>面料、参考图和人工填写的资料。</translation>
    </message>
    <message>
        <source>Bring my &amp;swatches…</source>
        <translation>导入布样(&amp;S)…</translation>
    </message>
    <message>
        <source>Make a library of folders, file names or a list; shown before it is done.</source>
        <translation>由文件夹、文件名或清单建立面料库，确认后才导入。</translation>
    </message>
    <message>
        <source>&amp;Build bank</source>
        <translation>建库(&amp;B)</translation>
    </message>
    <message>
        <source>Read the reference photos so that patches can be compared with them.</source>
        <translation>读取参考图，之后样本才能与它们比对。</translation>
    </message>
    <message>
        <source>Show the reference &amp;folder</source>
        <translation>打开参考图文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>One folder a fabric, 3 to 5 photographs in each.</source>
        <translation>每种面料一个文件夹，各放 3–5 张照片。</translation>
    </message>
    <message>
        <source>&amp;Retrain and compare</source>
        <translation>重新训练并对比(&amp;R)</translation>
    </message>
    <message>
        <source>Make a new model of all labels; see it beside the old one before it is used.</source>
        <translation>用全部标注训练新模型；启用前先与旧模型并排对比。</translation>
    </message>
    <message>
        <source>&amp;Progress…</source>
        <translation>进展(&amp;P)…</translation>
    </message>
    <message>
        <source>How often it is right, what it confuses, what to photograph or label next.</source>
        <translation>答对了多少，哪些容易混淆，接下来该拍什么、标什么。</translation>
    </message>
    <message>
        <source>&amp;Versions…</source>
        <translation>版本(&amp;V)…</translation>
    </message>
    <message>
        <source>All models there are: compare two, go back to one.</source>
        <translation>现有的全部模型：可对比两个，也可回退到其中一个。</translation>
    </message>
    <message>
        <source>&amp;Train head</source>
        <translation>训练(&amp;T)</translation>
    </message>
    <message>
        <source>Learn from the labelled patches; 20 of two or more fabrics are needed.</source>
        <translation>用标注好的样本训练线性头；至少要 20 个样本、2 种面料。</translation>
    </message>
    <message>
        <source>&amp;Evaluate</source>
        <translation>评估(&amp;E)</translation>
    </message>
    <message>
        <source>Measure how often the answer is right on patches kept apart for it.</source>
        <translation>用专门留出的样本，看看有多少能认对。</translation>
    </message>
    <message>
        <source>E&amp;ncoders…</source>
        <translation>编码器(&amp;N)…</translation>
    </message>
    <message>
        <source>What is in use and why, what can be had, and how to change.</source>
        <translation>正在使用哪个、为什么，还能用哪些，如何更换。</translation>
    </message>
    <message>
        <source>Use the &amp;built-in encoder</source>
        <translation>改用内置编码器(&amp;B)</translation>
    </message>
    <message>
        <source>It needs nothing but the program; the bank is built anew with it.</source>
        <translation>它随程序提供；会用它重新建库。</translation>
    </message>
    <message>
        <source>&amp;Stop the running job</source>
        <translation>停止当前任务(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;First steps…</source>
        <translation>初次使用(&amp;F)…</translation>
    </message>
    <message>
        <source>What one can begin with, and what each costs.</source>
        <translation>可以从哪里开始，各需要多少空间和时间。</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>按键一览(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Tour…</source>
        <translation>导览(&amp;T)…</translation>
    </message>
    <message>
        <source>The work from the first photo to a better model, in pictures.</source>
        <translation>从第一张照片到更好的模型，配图说明。</translation>
    </message>
    <message>
        <source>What a &amp;photo can tell…</source>
        <translation>照片能看出什么(&amp;P)…</translation>
    </message>
    <message>
        <source>What can and what cannot be told from a photograph.</source>
        <translation>从照片里能看出什么，看不出什么。</translation>
    </message>
    <message>
        <source>&amp;Check this computer…</source>
        <translation>给电脑体检(&amp;C)…</translation>
    </message>
    <message>
        <source>What is right, what is wrong, and what to do.</source>
        <translation>哪里正常，哪里有问题，怎么办。</translation>
    </message>
    <message>
        <source>&amp;Report a problem…</source>
        <translation>报告问题(&amp;R)…</translation>
    </message>
    <message>
        <source>One file to send to whoever helps; you see what is in it first.</source>
        <translation>生成一个文件，发给帮您的人；里面有什么，先给您看。</translation>
    </message>
    <message>
        <source>Show the &amp;log folder</source>
        <translation>打开日志文件夹(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;About Fabric Desktop</source>
        <translation>关于 Fabric Desktop(&amp;A)</translation>
    </message>
    <message>
        <source>Accept candidate {n}</source>
        <translation>接受第 {n} 个候选</translation>
    </message>
</context>
<context>
    <name>AlphaEditor</name>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>AnnotationPanel</name>
    <message>
        <source>NAME IT</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Fabric, in Chinese or English</source>
        <translation>面料名称，中文或英文</translation>
    </message>
    <message>
        <source>Name of the fabric</source>
        <translation>面料名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>New labels since the last training</source>
        <translation>上次训练后的新标注</translation>
    </message>
    <message>
        <source>{fabric}, {count} labelled so far</source>
        <translation>{fabric}，已标注 {count} 个</translation>
    </message>
    <message>
        <source>A new fabric: it will be kept as {fabric}</source>
        <translation>新面料：将存为 {fabric}</translation>
    </message>
    <message>
        <source>This studio is read-only; labels cannot be kept here.</source>
        <translation>这个工作室是只读的，不能在这里保存标注。</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>请先选一个区域。</translation>
    </message>
    <message>
        <source>Kept for review. N goes through the queue.</source>
        <translation>已留待确认。按 N 逐个查看队列。</translation>
    </message>
    <message>
        <source>{labelled}; waiting for review: {count}</source>
        <translation>{labelled}；待确认 {count} 个</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>{fabrics} and {count} more</source>
        <translation>{fabrics} 等，另有 {count} 种</translation>
    </message>
    <message>
        <source>Under {needed}: {fabrics}</source>
        <translation>不足 {needed} 个：{fabrics}</translation>
    </message>
    <message>
        <source>Saved as {fabric}. Ctrl+Z takes it back.</source>
        <translation>已存为{fabric}。按 Ctrl+Z 撤回。</translation>
    </message>
    <message>
        <source>1 to 9 or Enter accept, U keeps it for review.</source>
        <translation>1 到 9 或回车接受候选，U 留待确认。</translation>
    </message>
    <message>
        <source>No labels yet. A head needs {needed}, of two or more fabrics.</source>
        <translation>还没有标注。标注满 {needed} 个、2 种以上面料就能训练。</translation>
    </message>
    <message>
        <source>Labelled: {patches}, {fabrics}</source>
        <translation>已标注：{patches}，{fabrics}</translation>
    </message>
    <message>
        <source>New since the last training: {new} of {needed}</source>
        <translation>上次训练后新增：{new}/{needed}</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>BatchPage</name>
    <message>
        <source>Choose a folder of photos</source>
        <translation>选择照片文件夹</translation>
    </message>
    <message>
        <source>No folder yet</source>
        <translation>还没有文件夹</translation>
    </message>
    <message>
        <source>All of it is recognised as one job.</source>
        <translation>整个文件夹作为一项任务识别。</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>请稍候…</translation>
    </message>
    <message>
        <source>Recognise this folder</source>
        <translation>识别这个文件夹</translation>
    </message>
    <message>
        <source>You can stop at any time and go on later; what was found is kept.</source>
        <translation>随时可以停止，以后接着识别；已有的结果会保留。</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Recognise</source>
        <translation>识别</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Choose a folder first.</source>
        <translation>请先选择文件夹。</translation>
    </message>
    <message>
        <source>Another long job is running.</source>
        <translation>另一项任务正在进行。</translation>
    </message>
    <message>
        <source>{count} chosen</source>
        <translation>已选 {count} 张</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>Choose photos first.</source>
        <translation>请先选照片。</translation>
    </message>
    <message>
        <source>Type the name of the fabric first.</source>
        <translation>请先输入面料名称。</translation>
    </message>
    <message>
        <source>Recognise a folder</source>
        <translation>识别文件夹</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Label them</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Fabric, in Chinese or English</source>
        <translation>面料名称，中文或英文</translation>
    </message>
    <message>
        <source>Fabric to label the chosen photos as</source>
        <translation>把所选照片标注为哪种面料</translation>
    </message>
    <message>
        <source>File or fabric</source>
        <translation>文件或面料</translation>
    </message>
    <message>
        <source>Search in the results</source>
        <translation>在结果中搜索</translation>
    </message>
    <message>
        <source>Which results to show</source>
        <translation>显示哪些结果</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>BatchReview</name>
    <message>
        <source>Keep for review</source>
        <translation>留待确认</translation>
    </message>
    <message>
        <source>Choose photos first.</source>
        <translation>请先选照片。</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>Put the chosen photos into the review queue, to be named one after another.</source>
        <translation>把所选照片放进待确认，之后逐个命名。</translation>
    </message>
    <message>
        <source>Uncertain: {count} of {all} photos</source>
        <translation>拿不准：{all} 张照片中的 {count} 张</translation>
    </message>
    <message>
        <source>Nothing is kept by itself: choose some, or keep them all.</source>
        <translation>不会自动留存：可以挑选几张，也可以全部留下。</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>去看看</translation>
    </message>
    <message>
        <source>Keep {count} for review</source>
        <translation>全部 {count} 张留待确认</translation>
    </message>
    <message>
        <source>Waiting or labelled already: {count}</source>
        <translation>已在待确认中或已有标注：{count}</translation>
    </message>
    <message>
        <source>Another picture than the one recognised, left out: {count}</source>
        <translation>已不是识别时的图片，跳过：{count}</translation>
    </message>
    <message>
        <source>Left out, not readable: {count}</source>
        <translation>无法读取，未包含：{count}</translation>
    </message>
    <message>
        <source>N goes through the review queue; Undo takes them out again.</source>
        <translation>按 N 逐个确认；撤销可把它们移出。</translation>
    </message>
    <message>
        <source>Kept for review: {count}</source>
        <translation>已留待确认：{count}</translation>
    </message>
</context>
<context>
    <name>BatchSaving</name>
    <message>
        <source>Save the results…</source>
        <translation>保存结果…</translation>
    </message>
    <message>
        <source>What has been found so far: the run is not finished.</source>
        <translation>目前已得到的结果：识别还没有完成。</translation>
    </message>
    <message>
        <source>Recognise the folder first.</source>
        <translation>请先识别这个文件夹。</translation>
    </message>
    <message>
        <source>Excel</source>
        <translation>Excel</translation>
    </message>
    <message>
        <source>CSV, for Excel too</source>
        <translation>CSV（Excel 也能打开）</translation>
    </message>
    <message>
        <source>Swatch report to print</source>
        <translation>可打印的布样报告</translation>
    </message>
    <message>
        <source>Save the results</source>
        <translation>保存结果</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>{done} of {total} photos: the run is not finished.</source>
        <translation>{total} 张照片中的 {done} 张：识别还没有完成。</translation>
    </message>
    <message>
        <source>Written: {file}</source>
        <translation>已保存：{file}</translation>
    </message>
</context>
<context>
    <name>BatchTable</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>How sure</source>
        <translation>把握</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>置信度</translation>
    </message>
    <message>
        <source>Second</source>
        <translation>第二候选</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>颜色</translation>
    </message>
</context>
<context>
    <name>CanTell</name>
    <message>
        <source>What a photo can tell</source>
        <translation>照片能看出什么</translation>
    </message>
    <message>
        <source>A PHOTO CAN TELL</source>
        <translation>看得出</translation>
    </message>
    <message>
        <source>Which of your swatches it most likely is</source>
        <translation>最可能是您的哪块布样</translation>
    </message>
    <message>
        <source>When you have photos of it, taken from about the same distance. This works best.</source>
        <translation>前提是您有它的参考图，而且拍摄距离相近。这件事做得最好。</translation>
    </message>
    <message>
        <source>Which kind of fabric it looks like</source>
        <translation>看上去属于哪一类面料</translation>
    </message>
    <message>
        <source>Denim, corduroy, lace: what shows in the surface. For a new cloth this is much harder.</source>
        <translation>牛仔、灯芯绒、蕾丝这类表面有特征的。没见过的新布要难得多。</translation>
    </message>
    <message>
        <source>Colour, sheen, pattern, direction</source>
        <translation>颜色、光泽、花纹、方向</translation>
    </message>
    <message>
        <source>As the camera saw them. The light changes colour and sheen more than people think.</source>
        <translation>以相机看到的为准。光线对颜色和光泽的影响比想象的大。</translation>
    </message>
    <message>
        <source>Weave or knit</source>
        <translation>机织还是针织</translation>
    </message>
    <message>
        <source>Only where threads or loops can be seen in the photo with the naked eye.</source>
        <translation>前提是照片里用肉眼能看见纱线或线圈。</translation>
    </message>
    <message>
        <source>That it is none of yours</source>
        <translation>不是您的任何一种面料</translation>
    </message>
    <message>
        <source>&quot;Not in your library&quot; means: unlike all references. It is a warning and no proof.</source>
        <translation>“未收录”的意思是：和所有参考图都不像。这是提醒，不是证明。</translation>
    </message>
    <message>
        <source>A PHOTO CANNOT TELL</source>
        <translation>看不出</translation>
    </message>
    <message>
        <source>Fibre content</source>
        <translation>成分</translation>
    </message>
    <message>
        <source>Silk satin and polyester satin look alike. A burn test or a laboratory tells.</source>
        <translation>真丝缎和涤纶缎看上去一样。要靠燃烧试验或送检。</translation>
    </message>
    <message>
        <source>Weight and thickness</source>
        <translation>克重和厚薄</translation>
    </message>
    <message>
        <source>Nothing in a picture weighs anything; use scales.</source>
        <translation>图片称不出重量，请用秤。</translation>
    </message>
    <message>
        <source>Stretch, handle, drape</source>
        <translation>弹力、手感、垂感</translation>
    </message>
    <message>
        <source>These are felt and not seen.</source>
        <translation>这些靠手摸，不靠眼看。</translation>
    </message>
    <message>
        <source>Finish, coating, care</source>
        <translation>后整理、涂层、洗护</translation>
    </message>
    <message>
        <source>Whether it is water-repellent or may be washed says its label.</source>
        <translation>防不防水、能不能水洗，要看标签。</translation>
    </message>
    <message>
        <source>What is smaller than a pixel</source>
        <translation>比一个像素还小的东西</translation>
    </message>
    <message>
        <source>From two metres no weave is left in the picture, whatever program looks at it.</source>
        <translation>隔两米拍，照片里已经没有织纹了，换什么程序都一样。</translation>
    </message>
    <message>
        <source>PHOTOS THAT TELL MUCH</source>
        <translation>怎样拍才看得出更多</translation>
    </message>
    <message>
        <source>Daylight or even light, no flash, no coloured lamps. The cloth flat and sharp, filling the picture. References from the distance at which you will ask: close-ups for close-ups, garments for garments. Fibre, weight, finish and care belong into the fabric&apos;s form in the library; the program shows what you declared there and never guesses it.</source>
        <translation>用日光或均匀的光，不用闪光灯，不用有色灯。布面铺平、对准焦、占满画面。参考图要从将来识别时的距离拍：认近照就拍近照，认衣服就拍衣服。成分、克重、后整理和洗护请填进面料库的表单；程序只显示您填写的，从不猜测。</translation>
    </message>
</context>
<context>
    <name>CandidateRow</name>
    <message>
        <source>Rules: {value}</source>
        <translation>规则：{value}</translation>
    </message>
    <message>
        <source>Nearest reference: {value} (cosine)</source>
        <translation>最近的参考图：{value}（余弦）</translation>
    </message>
    <message>
        <source>Head: {value}</source>
        <translation>线性头：{value}</translation>
    </message>
    <message>
        <source>Name alone: {value} (zero-shot, not yet measured)</source>
        <translation>仅凭名称：{value}（零样本，尚未实测）</translation>
    </message>
    <message>
        <source>Score: {value}</source>
        <translation>得分：{value}</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Photograph</source>
        <translation>照片</translation>
    </message>
</context>
<context>
    <name>CompareWindow</name>
    <message>
        <source>Patch and reference</source>
        <translation>样本与参考图</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>参考图</translation>
    </message>
    <message>
        <source>Previous reference</source>
        <translation>上一张参考图</translation>
    </message>
    <message>
        <source>Next reference</source>
        <translation>下一张参考图</translation>
    </message>
    <message>
        <source>Wheel: both larger or smaller. Drag: move both. Left, right: other references.</source>
        <translation>滚轮：同时放大或缩小。拖动：同时移动。左右键：换参考图。</translation>
    </message>
    <message>
        <source>{fabric}: {photo}, {n} of {count}</source>
        <translation>{fabric}：{photo}，第 {n} 张，共 {count} 张</translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%n fabric(s)</source>
        <translation>
            <numerusform>%n 种面料</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n reference(s)</source>
        <translation>
            <numerusform>%n 张参考图</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n patch(es)</source>
        <translation>
            <numerusform>%n 个样本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n region(s)</source>
        <translation>
            <numerusform>%n 个区域</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n photograph(s)</source>
        <translation>
            <numerusform>%n 张照片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n label(s)</source>
        <translation>
            <numerusform>%n 个标注</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n 天前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n week(s)</source>
        <translation>
            <numerusform>%n 周前</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DeclaredView</name>
    <message>
        <source>DECLARED BY PEOPLE, NOT SEEN IN THE PICTURE</source>
        <translation>由人填写，不是从照片看出</translation>
    </message>
    <message>
        <source>article</source>
        <translation>货号</translation>
    </message>
    <message>
        <source>fibre</source>
        <translation>成分</translation>
    </message>
    <message>
        <source>structure</source>
        <translation>组织</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>克重</translation>
    </message>
    <message>
        <source>width</source>
        <translation>幅宽</translation>
    </message>
    <message>
        <source>finish</source>
        <translation>后整理</translation>
    </message>
    <message>
        <source>care</source>
        <translation>洗护</translation>
    </message>
    <message>
        <source>supplier</source>
        <translation>供应商</translation>
    </message>
</context>
<context>
    <name>DockGrip</name>
    <message>
        <source>Drag to move the panel; double click to let it float or put it back.</source>
        <translation>拖动可移动面板；双击可浮动或放回。</translation>
    </message>
</context>
<context>
    <name>DoctorPage</name>
    <message>
        <source>Looking at this computer and the studio…</source>
        <translation>正在检查电脑和工作室……</translation>
    </message>
    <message>
        <source>Faults: {faults}, warnings: {warnings}</source>
        <translation>故障 {faults} 处，注意 {warnings} 处</translation>
    </message>
    <message>
        <source>Everything is right.</source>
        <translation>一切正常。</translation>
    </message>
    <message>
        <source>Check this computer</source>
        <translation>给电脑体检</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>再检查一次</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>Edits</name>
    <message>
        <source>new region</source>
        <translation>新区域</translation>
    </message>
    <message>
        <source>delete region</source>
        <translation>删除区域</translation>
    </message>
    <message>
        <source>change region</source>
        <translation>调整区域</translation>
    </message>
    <message>
        <source>scale</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>delete regions</source>
        <translation>删除区域</translation>
    </message>
    <message>
        <source>duplicate region</source>
        <translation>复制区域</translation>
    </message>
    <message>
        <source>label</source>
        <translation>标注</translation>
    </message>
</context>
<context>
    <name>EncoderRow</name>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>Prepare again</source>
        <translation>重新准备</translation>
    </message>
    <message>
        <source>Try as int8</source>
        <translation>试用 int8 形式</translation>
    </message>
    <message>
        <source>Makes a form of a quarter of the size and counts how often it answers alike on your photos.</source>
        <translation>制作四分之一大小的形式，并统计它在您的照片上答案一致的比例。</translation>
    </message>
    <message>
        <source>Get CLIP</source>
        <translation>获取 CLIP</translation>
    </message>
    <message>
        <source>licence {name}</source>
        <translation>许可证 {name}</translation>
    </message>
    <message>
        <source>names {share} of 47 textures</source>
        <translation>47 种纹理认对 {share}</translation>
    </message>
    <message>
        <source>comes with the program</source>
        <translation>随程序提供</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>slower</source>
        <translation>较慢</translation>
    </message>
    <message>
        <source>your own</source>
        <translation>自备</translation>
    </message>
    <message>
        <source>In use here</source>
        <translation>正在使用</translation>
    </message>
    <message>
        <source>needs the CLIP engine too: about {needed} GB, {free} GB are free</source>
        <translation>还需要 CLIP 引擎：约 {needed} GB，可用空间 {free} GB</translation>
    </message>
</context>
<context>
    <name>Encoders</name>
    <message>
        <source>Built-in encoder</source>
        <translation>内置编码器</translation>
    </message>
</context>
<context>
    <name>EncodersPage</name>
    <message>
        <source>None yet</source>
        <translation>还没有</translation>
    </message>
    <message>
        <source>The bank of this studio was made with it.</source>
        <translation>这个工作室的库是用它建的。</translation>
    </message>
    <message>
        <source>You chose it for this studio.</source>
        <translation>您为这个工作室选择了它。</translation>
    </message>
    <message>
        <source>It is the best one that is here.</source>
        <translation>它是这台电脑上最好的一个。</translation>
    </message>
    <message>
        <source>This encoder runs on the processor alone.</source>
        <translation>这个编码器只在处理器上运行。</translation>
    </message>
    <message>
        <source>It runs on the graphics card.</source>
        <translation>它在显卡上运行。</translation>
    </message>
    <message>
        <source>No graphics card that it could run on was found.</source>
        <translation>没有找到它能用的显卡。</translation>
    </message>
    <message>
        <source>The installed torch was built without support for graphics cards.</source>
        <translation>所装的 torch 不支持显卡。</translation>
    </message>
    <message>
        <source>It {how}.</source>
        <translation>它{how}。</translation>
    </message>
    <message>
        <source>Change now</source>
        <translation>现在更换</translation>
    </message>
    <message>
        <source>Change from {before} to {after}?</source>
        <translation>从“{before}”换成“{after}”？</translation>
    </message>
    <message>
        <source>It made {version} here before, so the change is instant.</source>
        <translation>它以前在这里建过 {version}，可以立即更换。</translation>
    </message>
    <message>
        <source>The bank is built anew of {references}.</source>
        <translation>将用{references}重新建库。</translation>
    </message>
    <message>
        <source>The head is trained anew on {patches}.</source>
        <translation>线性头将用{patches}重新训练。</translation>
    </message>
    <message>
        <source>The old ones stay, so going back is instant.</source>
        <translation>旧的会保留，随时可以立即换回。</translation>
    </message>
    <message>
        <source>{encoder} is in use now.</source>
        <translation>现在使用“{encoder}”。</translation>
    </message>
    <message>
        <source>A folder with a model in open_clip&apos;s form</source>
        <translation>open_clip 格式的模型文件夹</translation>
    </message>
    <message>
        <source>A model&apos;s weights</source>
        <translation>模型权重</translation>
    </message>
    <message>
        <source>Which published model is it a copy of?</source>
        <translation>它是哪个已发布模型的副本？</translation>
    </message>
    <message>
        <source>{address} is no web address and is not kept.</source>
        <translation>{address} 不是网址，没有保存。</translation>
    </message>
    <message>
        <source>Encoders</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>IN USE</source>
        <translation>正在使用</translation>
    </message>
    <message>
        <source>HERE AND TO BE HAD</source>
        <translation>已有的和可获取的</translation>
    </message>
    <message>
        <source>Take a file I have…</source>
        <translation>导入文件…</translation>
    </message>
    <message>
        <source>Take a folder I have…</source>
        <translation>导入文件夹…</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Where to fetch models from</source>
        <translation>从哪里下载模型</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>EvidenceLegend</name>
    <message>
        <source>rules</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>references</source>
        <translation>参考图</translation>
    </message>
    <message>
        <source>head</source>
        <translation>线性头</translation>
    </message>
    <message>
        <source>names (not yet measured)</source>
        <translation>名称（尚未实测）</translation>
    </message>
    <message>
        <source>How much of each answer comes from the rules, the reference photos, the head, and with a CLIP encoder from the fabrics&apos; names alone.</source>
        <translation>每个结果中，规则、参考图、线性头各占多少；使用 CLIP 编码器时还有面料名称本身。</translation>
    </message>
</context>
<context>
    <name>FabricForm</name>
    <message>
        <source>DECLARED</source>
        <translation>填写的资料</translation>
    </message>
    <message>
        <source>Only what people declare stands here; nothing is guessed from a picture.</source>
        <translation>这里只有人填写的内容，不会从图片推测。</translation>
    </message>
    <message>
        <source>Chinese name</source>
        <translation>中文名</translation>
    </message>
    <message>
        <source>English name</source>
        <translation>英文名</translation>
    </message>
    <message>
        <source>Also called</source>
        <translation>别名</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Article</source>
        <translation>货号</translation>
    </message>
    <message>
        <source>Fibre</source>
        <translation>成分</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>组织</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>克重</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>门幅</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>后整理</translation>
    </message>
    <message>
        <source>Care</source>
        <translation>洗护</translation>
    </message>
    <message>
        <source>Supplier</source>
        <translation>供应商</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>several, with commas between</source>
        <translation>可填多个，用逗号隔开</translation>
    </message>
    <message>
        <source>e.g. 98 % cotton, 2 % elastane</source>
        <translation>例如：棉 98%，氨纶 2%</translation>
    </message>
    <message>
        <source>e.g. 320 g/m²</source>
        <translation>例如：320 g/m²</translation>
    </message>
</context>
<context>
    <name>Filmstrip</name>
    <message>
        <source>PHOTOS</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Photos of the folder</source>
        <translation>文件夹里的照片</translation>
    </message>
    <message>
        <source>Which photos to show</source>
        <translation>显示哪些照片</translation>
    </message>
    <message>
        <source>No folder is open</source>
        <translation>还没有打开文件夹</translation>
    </message>
    <message>
        <source>Open one to go through its photos.</source>
        <translation>打开一个文件夹，逐张查看照片。</translation>
    </message>
    <message>
        <source>No photos in this folder</source>
        <translation>这个文件夹里没有照片</translation>
    </message>
    <message>
        <source>Open another one.</source>
        <translation>请打开别的文件夹。</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
</context>
<context>
    <name>FindButton</name>
    <message>
        <source>Find  {key}</source>
        <translation>查找  {key}</translation>
    </message>
</context>
<context>
    <name>FindPalette</name>
    <message>
        <source>Action, fabric or photo: Chinese, English or pinyin initials</source>
        <translation>命令、面料或照片：中文、英文或拼音首字母</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>查找结果</translation>
    </message>
</context>
<context>
    <name>Finding</name>
    <message>
        <source>{fabric}, {count} labelled so far</source>
        <translation>{fabric}，已标注 {count} 个</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>Photograph</source>
        <translation>照片</translation>
    </message>
</context>
<context>
    <name>FirstSteps</name>
    <message>
        <source>First steps</source>
        <translation>初次使用</translation>
    </message>
    <message>
        <source>Which fabric is it?</source>
        <translation>这是哪种面料？</translation>
    </message>
    <message>
        <source>Photographs and labels stay on this computer. All of this is in the menus later.</source>
        <translation>照片和标注只留在这台电脑上。以下各项以后都能在菜单里找到。</translation>
    </message>
    <message>
        <source>BEGIN WITH</source>
        <translation>从这里开始</translation>
    </message>
    <message>
        <source>WHAT COMPARES THE CLOTH</source>
        <translation>用什么比较布料</translation>
    </message>
    <message>
        <source>Look at drawn samples</source>
        <translation>看看绘制的示例</translation>
    </message>
    <message>
        <source>Open my own folder…</source>
        <translation>打开自己的文件夹…</translation>
    </message>
    <message>
        <source>Bring my swatches…</source>
        <translation>导入布样…</translation>
    </message>
    <message>
        <source>Stay with the built-in encoder</source>
        <translation>使用内置编码器</translation>
    </message>
    <message>
        <source>Get CLIP…</source>
        <translation>获取 CLIP…</translation>
    </message>
    <message>
        <source>{weights} MB to fetch; some minutes. It tells textures apart better, but takes longer.</source>
        <translation>需下载 {weights} MB，几分钟。更能分辨纹理，但每张照片较慢。</translation>
    </message>
    <message>
        <source>{weights} MB and an engine of {engine} GB to fetch; a quarter of an hour or more. It tells textures apart better, but takes longer.</source>
        <translation>需下载 {weights} MB 和 {engine} GB 的引擎，一刻钟以上。更能分辨纹理，但每张照片较慢。</translation>
    </message>
    <message>
        <source>Cloth that the program draws; nothing to fetch, ready in a minute.</source>
        <translation>由程序绘制的布料；无需下载，一分钟就好。</translation>
    </message>
    <message>
        <source>A folder of fabrics from before, or an empty one; nothing in it is changed.</source>
        <translation>以前的面料文件夹，或空文件夹；里面的东西不会改动。</translation>
    </message>
    <message>
        <source>Folders, file names with article numbers, or a list; minutes for a thousand photos.</source>
        <translation>文件夹、带货号的文件名或清单都可以；一千张照片只要几分钟。</translation>
    </message>
    <message>
        <source>7 MB, here already, quick on any computer. You can change at any time.</source>
        <translation>7 MB，已经在这里，任何电脑上都快。随时可以更换。</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
</context>
<context>
    <name>HealthView</name>
    <message>
        <source>{count} more come up as these are put right.</source>
        <translation>还有 {count} 条，处理完这些后会接着显示。</translation>
    </message>
</context>
<context>
    <name>ImportPage</name>
    <message>
        <source>Brought in: {photos} of {fabrics}.</source>
        <translation>已导入：{fabrics}，{photos}。</translation>
    </message>
    <message>
        <source>Build the bank so that they can be recognised; Undo takes all of it back.</source>
        <translation>建库之后就能识别；撤销可以全部取回。</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>Choose where it is first.</source>
        <translation>请先选择位置。</translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation>先看一看</translation>
    </message>
    <message>
        <source>Bring it in</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Bring my swatches</source>
        <translation>导入布样</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>ImprovementWindow</name>
    <message>
        <source>Two models side by side</source>
        <translation>两个模型并排对比</translation>
    </message>
    <message>
        <source>Use the new model</source>
        <translation>启用新模型</translation>
    </message>
    <message>
        <source>Keep the old model</source>
        <translation>保留旧模型</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>The encoder before and the one now</source>
        <translation>更换编码器的前后对比</translation>
    </message>
    <message>
        <source>Go back to {encoder}</source>
        <translation>回到 {encoder}</translation>
    </message>
    <message>
        <source>Keep {encoder}</source>
        <translation>保留 {encoder}</translation>
    </message>
    <message>
        <source>How often each is right</source>
        <translation>各自的正确率</translation>
    </message>
    <message>
        <source>What got better and worse</source>
        <translation>变好与变差的样本</translation>
    </message>
    <message>
        <source>WHAT GOT BETTER AND WORSE</source>
        <translation>变好与变差</translation>
    </message>
    <message>
        <source>A double click shows the patch among the labels.</source>
        <translation>双击可在已标注样本中查看。</translation>
    </message>
    <message>
        <source>{after} is right more often than {before}, and that is more than chance.</source>
        <translation>{after} 比 {before} 答对得更多，并且不是偶然。</translation>
    </message>
    <message>
        <source>{after} is right less often than {before}, and that is more than chance.</source>
        <translation>{after} 比 {before} 答对得更少，并且不是偶然。</translation>
    </message>
    <message>
        <source>Too little data to tell whether {after} or {before} is better.</source>
        <translation>样本太少，还分不出 {after} 和 {before} 哪个更好。</translation>
    </message>
    <message>
        <source>Advice: {advice}</source>
        <translation>建议：{advice}</translation>
    </message>
    <message>
        <source>Labels that contradict the earlier ones: {count} ({names})</source>
        <translation>与先前标注相矛盾的标注：{count} 个（{names}）</translation>
    </message>
    <message>
        <source>There were no patches that neither had been trained on.</source>
        <translation>没有两个模型都未训练过的样本。</translation>
    </message>
    <message>
        <source>On {patches} patches of {swatches} pieces that neither was trained on.</source>
        <translation>所用的 {patches} 个样本（{swatches} 块布）两个模型都没有训练过。</translation>
    </message>
    <message>
        <source>Difference {value}, with 95 % certainty between {low} and {high}; {gained} better, {lost} worse. By chance alone this would come about in {p} of cases (exact paired test).</source>
        <translation>相差 {value}，95% 把握在 {low} 到 {high} 之间；{gained} 个变好，{lost} 个变差。若纯属偶然，出现这种差别的可能为 {p}（精确配对检验）。</translation>
    </message>
    <message>
        <source>Its confidence was calibrated on {answers} answers by heads that had not seen the cloth: off by {before} before, by {after} after.</source>
        <translation>已用 {answers} 个由没见过那块布的线性头给出的答案校准置信度：校准前偏差 {before}，校准后 {after}。</translation>
    </message>
    <message>
        <source>Checked across {patches} labels, each by a head that had not seen its cloth: {old} before, {new} now (p = {p}).</source>
        <translation>在 {patches} 个标注上交叉检验（每个都由没见过那块布的线性头判断）：之前 {old}，现在 {new}（p = {p}）。</translation>
    </message>
    <message>
        <source>Right at once lies between</source>
        <translation>首选正确率的范围</translation>
    </message>
    <message>
        <source>Confidence is off by</source>
        <translation>置信度偏差</translation>
    </message>
    <message>
        <source>without a model</source>
        <translation>没有模型时</translation>
    </message>
    <message>
        <source>Old</source>
        <translation>旧</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新</translation>
    </message>
    <message>
        <source>better</source>
        <translation>变好</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>变差</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>样本</translation>
    </message>
</context>
<context>
    <name>JobLine</name>
    <message>
        <source>Stop this job  (Ctrl+.)</source>
        <translation>停止这项任务  (Ctrl+.)</translation>
    </message>
    <message>
        <source>Stop this job</source>
        <translation>停止这项任务</translation>
    </message>
    <message>
        <source>All jobs</source>
        <translation>全部任务</translation>
    </message>
    <message>
        <source>{job}: stopping…</source>
        <translation>{job}：正在停止…</translation>
    </message>
    <message>
        <source>{job}: waiting</source>
        <translation>{job}：等待中</translation>
    </message>
    <message>
        <source>{n} s left</source>
        <translation>还剩 {n} 秒</translation>
    </message>
    <message>
        <source>{n} min left</source>
        <translation>还剩 {n} 分钟</translation>
    </message>
    <message>
        <source>{job}: done</source>
        <translation>{job}：完成</translation>
    </message>
    <message>
        <source>{job}: failed</source>
        <translation>{job}：没有成功</translation>
    </message>
    <message>
        <source>{job}: stopped</source>
        <translation>{job}：已停止</translation>
    </message>
</context>
<context>
    <name>Jobs</name>
    <message>
        <source>Open studio</source>
        <translation>打开工作室</translation>
    </message>
    <message>
        <source>Open photograph</source>
        <translation>打开照片</translation>
    </message>
    <message>
        <source>Load the model</source>
        <translation>载入模型</translation>
    </message>
    <message>
        <source>Recognise</source>
        <translation>识别</translation>
    </message>
    <message>
        <source>Rank again</source>
        <translation>重新排序</translation>
    </message>
    <message>
        <source>Load swatches</source>
        <translation>读取参考图</translation>
    </message>
    <message>
        <source>Save label</source>
        <translation>保存标注</translation>
    </message>
    <message>
        <source>Read the settings</source>
        <translation>读取设置</translation>
    </message>
    <message>
        <source>Save settings</source>
        <translation>保存设置</translation>
    </message>
    <message>
        <source>Draw samples</source>
        <translation>绘制示例</translation>
    </message>
    <message>
        <source>Check this computer</source>
        <translation>给电脑体检</translation>
    </message>
    <message>
        <source>Gather the report</source>
        <translation>整理问题报告</translation>
    </message>
    <message>
        <source>Read the licences</source>
        <translation>读取许可证</translation>
    </message>
    <message>
        <source>Build bank</source>
        <translation>建库</translation>
    </message>
    <message>
        <source>Train head</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Change encoder</source>
        <translation>更换编码器</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Read the patches</source>
        <translation>读取样本</translation>
    </message>
    <message>
        <source>Order the review queue</source>
        <translation>排列待确认队列</translation>
    </message>
    <message>
        <source>Keep for review</source>
        <translation>留待确认</translation>
    </message>
    <message>
        <source>Remember the regions</source>
        <translation>记住区域</translation>
    </message>
    <message>
        <source>Compare patch and reference</source>
        <translation>对比样本与参考图</translation>
    </message>
    <message>
        <source>Retrain</source>
        <translation>重新训练</translation>
    </message>
    <message>
        <source>Put a version in use</source>
        <translation>启用版本</translation>
    </message>
    <message>
        <source>Read the versions</source>
        <translation>读取版本</translation>
    </message>
    <message>
        <source>Compare versions</source>
        <translation>对比版本</translation>
    </message>
    <message>
        <source>Change the library</source>
        <translation>更改面料库</translation>
    </message>
    <message>
        <source>Read the library</source>
        <translation>读取面料库</translation>
    </message>
    <message>
        <source>Check the library</source>
        <translation>检查面料库</translation>
    </message>
    <message>
        <source>Bring the model up to date</source>
        <translation>更新模型</translation>
    </message>
    <message>
        <source>Small pictures</source>
        <translation>缩略图</translation>
    </message>
    <message>
        <source>Look through a folder</source>
        <translation>浏览文件夹</translation>
    </message>
    <message>
        <source>Look at the swatches</source>
        <translation>查看布样照片</translation>
    </message>
    <message>
        <source>Bring in the swatches</source>
        <translation>导入布样</translation>
    </message>
    <message>
        <source>Recognise a folder</source>
        <translation>识别文件夹</translation>
    </message>
    <message>
        <source>Label photos</source>
        <translation>标注照片</translation>
    </message>
    <message>
        <source>Write the results</source>
        <translation>写出结果</translation>
    </message>
    <message>
        <source>Look at the encoders</source>
        <translation>查看编码器</translation>
    </message>
    <message>
        <source>Install the CLIP engine</source>
        <translation>安装 CLIP 引擎</translation>
    </message>
    <message>
        <source>Fetch the model</source>
        <translation>下载模型</translation>
    </message>
    <message>
        <source>Prepare a model to run fast</source>
        <translation>为模型做准备，以后运行更快</translation>
    </message>
    <message>
        <source>Try a model in int8</source>
        <translation>试用模型的 int8 形式</translation>
    </message>
    <message>
        <source>Take in a model</source>
        <translation>导入模型</translation>
    </message>
    <message>
        <source>Gather the figures</source>
        <translation>汇总数字</translation>
    </message>
    <message>
        <source>Draw the charts</source>
        <translation>绘制图表</translation>
    </message>
    <message>
        <source>Write the report</source>
        <translation>生成报告</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>分享</translation>
    </message>
    <message>
        <source>Take in a shared file</source>
        <translation>导入分享文件</translation>
    </message>
    <message>
        <source>Look into a shared file</source>
        <translation>查看分享文件</translation>
    </message>
    <message>
        <source>Measure on newer labels</source>
        <translation>在新标注上评估</translation>
    </message>
    <message>
        <source>Write a note</source>
        <translation>写备注</translation>
    </message>
    <message>
        <source>Keep photos for review</source>
        <translation>照片留待确认</translation>
    </message>
</context>
<context>
    <name>KeySheet</name>
    <message>
        <source>Keys</source>
        <translation>按键一览</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>On the photograph</source>
        <translation>在照片上</translation>
    </message>
    <message>
        <source>Zoom at the cursor</source>
        <translation>以光标为中心缩放</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>Move the photograph</source>
        <translation>移动照片</translation>
    </message>
    <message>
        <source>Space or middle button</source>
        <translation>空格或中键</translation>
    </message>
    <message>
        <source>Nudge the region</source>
        <translation>微移区域</translation>
    </message>
    <message>
        <source>Arrows, Shift by ten</source>
        <translation>方向键，加 Shift 移 10 像素</translation>
    </message>
    <message>
        <source>Square box</source>
        <translation>正方形框</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Shift</translation>
    </message>
    <message>
        <source>Leave the region</source>
        <translation>取消选中</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Accept a candidate</source>
        <translation>接受候选</translation>
    </message>
</context>
<context>
    <name>LabelledPanel</name>
    <message>
        <source>LABELLED PATCHES</source>
        <translation>已标注样本</translation>
    </message>
    <message>
        <source>Relabel</source>
        <translation>改标</translation>
    </message>
    <message>
        <source>Give the selected patches this fabric; the evaluation set follows</source>
        <translation>把选中的样本改为这种面料；评估集随之更新</translation>
    </message>
    <message>
        <source>Labelled patches</source>
        <translation>已标注样本</translation>
    </message>
    <message>
        <source>Show the patches of this fabric</source>
        <translation>只看这种面料的样本</translation>
    </message>
    <message>
        <source>No patch has a label yet</source>
        <translation>还没有标注过的样本</translation>
    </message>
    <message>
        <source>Choose a region on a photograph and name it; it is kept as an example and shown here.</source>
        <translation>在照片上选一块并标注，它就作为样例保存，并显示在这里。</translation>
    </message>
    <message>
        <source>All fabrics</source>
        <translation>全部面料</translation>
    </message>
</context>
<context>
    <name>LibraryLayout</name>
    <message>
        <source>Library</source>
        <translation>面料库</translation>
    </message>
    <message>
        <source>Bring the model up to date</source>
        <translation>更新模型</translation>
    </message>
    <message>
        <source>New fabric…</source>
        <translation>新面料…</translation>
    </message>
    <message>
        <source>Add photos…</source>
        <translation>添加照片…</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>Replace…</source>
        <translation>替换…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>改名…</translation>
    </message>
    <message>
        <source>Merge…</source>
        <translation>合并…</translation>
    </message>
    <message>
        <source>Remove fabric</source>
        <translation>移除面料</translation>
    </message>
    <message>
        <source>Search, in Chinese or English</source>
        <translation>用中文或英文搜索</translation>
    </message>
    <message>
        <source>Search the fabrics</source>
        <translation>搜索面料</translation>
    </message>
    <message>
        <source>Fabrics</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>Reference photos</source>
        <translation>参考图</translation>
    </message>
    <message>
        <source>Drop photos here: 3 to 5, best of different pieces of the cloth.</source>
        <translation>把照片拖到这里：3 到 5 张，最好来自不同的布样。</translation>
    </message>
    <message>
        <source>HOW IT STANDS</source>
        <translation>状况</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>{wrong} wrong, {doubtful} doubtful</source>
        <translation>{wrong} 处错误，{doubtful} 处存疑</translation>
    </message>
    <message>
        <source>No fabric yet</source>
        <translation>还没有面料</translation>
    </message>
    <message>
        <source>Nothing is wrong with this photo.</source>
        <translation>这张照片没有问题。</translation>
    </message>
    <message>
        <source>Nothing is wrong with this fabric.</source>
        <translation>这种面料没有问题。</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>Make a fabric first.</source>
        <translation>请先新建面料。</translation>
    </message>
    <message>
        <source>Choose one photo first.</source>
        <translation>请先选一张照片。</translation>
    </message>
    <message>
        <source>Choose photos first.</source>
        <translation>请先选照片。</translation>
    </message>
    <message>
        <source>There is only one fabric.</source>
        <translation>只有一种面料。</translation>
    </message>
    <message>
        <source>It has labelled patches only.</source>
        <translation>它只有标注样本。</translation>
    </message>
    <message>
        <source>Another long job is running.</source>
        <translation>另一项任务正在进行。</translation>
    </message>
    <message>
        <source>The model is up to date.</source>
        <translation>模型已是最新。</translation>
    </message>
    <message>
        <source>New fabric</source>
        <translation>新面料</translation>
    </message>
    <message>
        <source>Its name, in Chinese or English</source>
        <translation>中文或英文名称</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Add reference photos</source>
        <translation>添加参考图</translation>
    </message>
    <message>
        <source>{count} of the photos were there already.</source>
        <translation>其中 {count} 张已经在库里。</translation>
    </message>
    <message>
        <source>Replace {name}</source>
        <translation>替换 {name}</translation>
    </message>
    <message>
        <source>The trash is empty</source>
        <translation>回收站是空的</translation>
    </message>
    <message>
        <source>{count} older ones: in the studio&apos;s folder .trash</source>
        <translation>更早的 {count} 个在工作室的 .trash 文件夹里</translation>
    </message>
    <message>
        <source>Rename the fabric</source>
        <translation>给面料改名</translation>
    </message>
    <message>
        <source>New id: the name of its folder</source>
        <translation>新编号：即文件夹名</translation>
    </message>
    <message>
        <source>Put {fabric} into</source>
        <translation>把“{fabric}”并入</translation>
    </message>
    <message>
        <source>Merge two fabrics</source>
        <translation>合并两种面料</translation>
    </message>
    <message>
        <source>The model knows the library as it is now.</source>
        <translation>模型已按现在的面料库更新。</translation>
    </message>
    <message>
        <source>Remove the photo here</source>
        <translation>从这里移除照片</translation>
    </message>
    <message>
        <source>Merge the two fabrics</source>
        <translation>合并这两种面料</translation>
    </message>
</context>
<context>
    <name>LookView</name>
    <message>
        <source>LOOK, AS MEASURED</source>
        <translation>测得的外观</translation>
    </message>
    <message>
        <source>Sheen {sheen}, texture {texture}, direction {strength} at {angle}°</source>
        <translation>光泽 {sheen}，纹理 {texture}，方向性 {strength}，角度 {angle}°</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Drawn samples</source>
        <translation>绘制的示例</translation>
    </message>
    <message>
        <source>{job}. Stop it and close the window?</source>
        <translation>{job}。要停止它并关闭窗口吗？</translation>
    </message>
</context>
<context>
    <name>Measuring</name>
    <message>
        <source>Scale</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>Length of the line in centimetres</source>
        <translation>这条线的长度（厘米）</translation>
    </message>
    <message>
        <source>The photograph has {value} pixels a centimetre.</source>
        <translation>照片每厘米 {value} 像素。</translation>
    </message>
    <message>
        <source>Patches from it keep this scale.</source>
        <translation>取自它的样本都记下这一比例。</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Library</source>
        <translation>面料库(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>语言(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>外观(&amp;T)</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Something went wrong in the program itself: {summary}</source>
        <translation>程序本身出了错：{summary}</translation>
    </message>
    <message>
        <source>You can go on working. The details are in the log; Report a problem takes them along.</source>
        <translation>可以继续工作。详细记录在日志里；“报告问题”会把它一并带上，发给帮您的人。</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>The bank is built: {fabrics}, {references}.</source>
        <translation>建库完成：{fabrics}，{references}。</translation>
    </message>
    <message>
        <source>Left out, not readable: {count} ({names})</source>
        <translation>读不出而略过 {count} 张（{names}）</translation>
    </message>
    <message>
        <source>The head is trained on {patches} and in use as {version}.</source>
        <translation>已用{patches}训练线性头，并启用为 {version}。</translation>
    </message>
    <message>
        <source>On cloth it had not seen it named {share} of {patches} rightly.</source>
        <translation>在没见过的布料上，{patches}里认对 {share}。</translation>
    </message>
    <message>
        <source>{encoder} is in use now.</source>
        <translation>现在使用{encoder}。</translation>
    </message>
    <message>
        <source>{folder} holds no fabrics yet.</source>
        <translation>{folder} 里还没有面料。</translation>
    </message>
    <message>
        <source>Made a studio, it gets the folders fabrics and patches; nothing in it is changed.</source>
        <translation>设为工作室后会新建 fabrics 和 patches 两个文件夹，原有内容不变。</translation>
    </message>
    <message>
        <source>Make it a studio</source>
        <translation>设为工作室</translation>
    </message>
    <message>
        <source>Go through its photos</source>
        <translation>逐张查看其中的照片</translation>
    </message>
    <message>
        <source>There again: {regions} on {photographs}.</source>
        <translation>已恢复：{photographs}上的 {regions}。</translation>
    </message>
    <message>
        <source>Kept: {labels}.</source>
        <translation>已保留：{labels}。</translation>
    </message>
    <message>
        <source>Brought to its end: {change}.</source>
        <translation>已补完：{change}。</translation>
    </message>
    <message>
        <source>{file} was no longer there and was left alone.</source>
        <translation>{file} 已不在原处，未作改动。</translation>
    </message>
    <message>
        <source>The program was cut off the last time. What you had finished is there.</source>
        <translation>上次程序意外中断，已完成的操作都还在。</translation>
    </message>
    <message>
        <source>Go on with {photo}</source>
        <translation>继续处理 {photo}</translation>
    </message>
    <message>
        <source>No font on this computer writes Chinese, so Chinese names show as empty boxes.</source>
        <translation>这台电脑没有中文字体，中文名称会显示为方框。</translation>
    </message>
    <message>
        <source>Install one, for example the package fonts-noto-cjk, and start again.</source>
        <translation>请安装一种，例如 fonts-noto-cjk，然后重新启动。</translation>
    </message>
</context>
<context>
    <name>Opening</name>
    <message>
        <source>Open photograph</source>
        <translation>打开照片</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Open my own folder</source>
        <translation>打开自己的文件夹</translation>
    </message>
    <message>
        <source>clipboard</source>
        <translation>剪贴板</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Open a folder of photos</source>
        <translation>打开照片文件夹</translation>
    </message>
    <message>
        <source>Which fabric is it?</source>
        <translation>这是哪种面料？</translation>
    </message>
    <message>
        <source>Type its name and save it with Enter, then press R: the region becomes a reference photo of it.</source>
        <translation>写上名称，按回车保存，再按 R：这个区域就成为它的参考图。</translation>
    </message>
    <message>
        <source>The region is a reference photo of {fabric} now.</source>
        <translation>这个区域已成为“{fabric}”的参考图。</translation>
    </message>
    <message>
        <source>Build the bank for it to count; Undo takes it out again.</source>
        <translation>重新建库后生效；撤销可以取回。</translation>
    </message>
</context>
<context>
    <name>PatchPanel</name>
    <message>
        <source>Fabric, in Chinese or English</source>
        <translation>面料名称，中文或英文</translation>
    </message>
    <message>
        <source>Name of the fabric</source>
        <translation>面料名称</translation>
    </message>
    <message>
        <source>Go to photograph</source>
        <translation>转到照片</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Open the photograph the patch was cut from  (J)</source>
        <translation>打开样本所在的照片  (J)</translation>
    </message>
    <message>
        <source>Put the selected patches into the trash; Undo brings them back  (Del)</source>
        <translation>把选中的样本放进回收站；撤销可恢复  (Del)</translation>
    </message>
    <message>
        <source>the first {shown} of {count}</source>
        <translation>前 {shown} 个，共 {count} 个</translation>
    </message>
</context>
<context>
    <name>PhotoStates</name>
    <message>
        <source>new</source>
        <translation>新</translation>
    </message>
    <message>
        <source>recognised</source>
        <translation>已识别</translation>
    </message>
    <message>
        <source>uncertain</source>
        <translation>待确认</translation>
    </message>
    <message>
        <source>labelled</source>
        <translation>已标注</translation>
    </message>
</context>
<context>
    <name>PlanStep</name>
    <message>
        <source>{photos} for {fabrics}, {size}</source>
        <translation>{fabrics}，{photos}，{size}</translation>
    </message>
    <message>
        <source>Nothing is copied yet. Untick what is to be left out; double click an id to change it.</source>
        <translation>还没有复制任何文件。不要的去掉勾选；双击编号可修改。</translation>
    </message>
    <message>
        <source>Fabrics</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>To know</source>
        <translation>请留意</translation>
    </message>
    <message>
        <source>Unreadable</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>In the library</source>
        <translation>库中</translation>
    </message>
    <message>
        <source>Declared</source>
        <translation>填写的资料</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>What will be done</source>
        <translation>处理方式</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Fabrics and photos to bring in</source>
        <translation>要导入的面料和照片</translation>
    </message>
    <message>
        <source>Copy the photos: the library stands on its own</source>
        <translation>复制照片：面料库独立保存</translation>
    </message>
    <message>
        <source>Link to the photos: takes no room, but they must stay where they are</source>
        <translation>链接照片：不占空间，但照片不能移动</translation>
    </message>
    <message>
        <source>Replace what the library declares where the list says something else</source>
        <translation>清单与库中资料不同时，以清单为准</translation>
    </message>
</context>
<context>
    <name>PlanTree</name>
    <message>
        <source>new</source>
        <translation>新</translation>
    </message>
    <message>
        <source>{count} there already</source>
        <translation>已有 {count} 张</translation>
    </message>
    <message>
        <source>{taken} of {count}</source>
        <translation>{count} 张中的 {taken} 张</translation>
    </message>
    <message>
        <source>Double click or F2: another id. Without the tick it is left out.</source>
        <translation>双击或按 F2 可改编号；去掉勾选则不导入。</translation>
    </message>
</context>
<context>
    <name>ProgressPage</name>
    <message>
        <source>The figures are being gathered…</source>
        <translation>正在汇总数字……</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进展</translation>
    </message>
    <message>
        <source>There are no fabrics yet: bring photos of your swatches, then build the bank.</source>
        <translation>还没有面料：请先导入您的布样照片，再建库。</translation>
    </message>
    <message>
        <source>WHAT TO DO NEXT</source>
        <translation>接下来做什么</translation>
    </message>
    <message>
        <source>Each was measured on the patches set aside on its day, with cloth it was not trained on; the bar says how sure the figure is. Versions compares any two on the same patches.</source>
        <translation>每个版本都在当时留出的样本上评估，所用布料都没有参与训练；竖线表示数字有多可靠。“版本”可在同样的样本上比较任意两个。</translation>
    </message>
    <message>
        <source>HOW OFTEN IT IS RIGHT, BY VERSION</source>
        <translation>各版本的准确率</translation>
    </message>
    <message>
        <source>LABELLED PATCHES BY FABRIC</source>
        <translation>各面料的已标注样本</translation>
    </message>
    <message>
        <source>TAKEN FOR ANOTHER</source>
        <translation>容易混淆的面料</translation>
    </message>
    <message>
        <source>LABELS TO LOOK AT AGAIN</source>
        <translation>需要再看一遍的标注</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>去看看</translation>
    </message>
    <message>
        <source>Add references…</source>
        <translation>补充参考图…</translation>
    </message>
    <message>
        <source>Show its patches</source>
        <translation>查看它的样本</translation>
    </message>
    <message>
        <source>Open photos…</source>
        <translation>打开照片…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Save the report, to send or to print</source>
        <translation>保存报告，可发送或打印</translation>
    </message>
    <message>
        <source>Written: {file}</source>
        <translation>已保存：{file}</translation>
    </message>
    <message>
        <source>Save or print the report…</source>
        <translation>保存或打印报告…</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>REVIEW QUEUE</source>
        <translation>待确认</translation>
    </message>
    <message>
        <source>Save label</source>
        <translation>保存标注</translation>
    </message>
    <message>
        <source>Keep the selected patches as examples of this fabric</source>
        <translation>把选中的样本存为这种面料的样例</translation>
    </message>
    <message>
        <source>Review queue</source>
        <translation>待确认队列</translation>
    </message>
    <message>
        <source>Nothing waits for review</source>
        <translation>没有待确认的样本</translation>
    </message>
    <message>
        <source>Regions the program is unsure of, and those you keep with U, are gathered here.</source>
        <translation>程序拿不准的区域，以及您按 U 留下的区域，都集中在这里。</translation>
    </message>
</context>
<context>
    <name>RecentLabels</name>
    <message>
        <source>Save as {fabric}</source>
        <translation>存为{fabric}</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>请先选一个区域。</translation>
    </message>
</context>
<context>
    <name>ReportPage</name>
    <message>
        <source>{count} files, {size}</source>
        <translation>{count} 个文件，{size}</translation>
    </message>
    <message>
        <source>Looking at this computer and the studio…</source>
        <translation>正在检查电脑和工作室……</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>The report is saved: {name}, {size}.</source>
        <translation>报告已保存：{name}，{size}。</translation>
    </message>
    <message>
        <source>Send it to whoever helps you, for example by e-mail. Nothing was sent by itself.</source>
        <translation>请自行发给帮您的人，例如用邮件。程序没有发送任何东西。</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>打开所在文件夹</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>报告问题</translation>
    </message>
    <message>
        <source>One file to send to whoever helps you. You choose where it is saved, and see here what is in it: no photographs unless you tick them, no passwords, no folders outside the studio.</source>
        <translation>生成一个文件，由您发给帮忙的人。存到哪里由您决定，里面有什么都列在下面：不勾选就没有照片，没有密码，没有工作室以外的文件夹。</translation>
    </message>
    <message>
        <source>WHAT HAPPENED</source>
        <translation>发生了什么</translation>
    </message>
    <message>
        <source>What did you do, what did you expect, and what happened?</source>
        <translation>您做了什么，本来想得到什么，结果怎样？</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>发生了什么</translation>
    </message>
    <message>
        <source>WHAT IS IN IT</source>
        <translation>里面有什么</translation>
    </message>
    <message>
        <source>What is in it</source>
        <translation>里面有什么</translation>
    </message>
    <message>
        <source>Contents of the file</source>
        <translation>文件内容</translation>
    </message>
    <message>
        <source>With a picture of the window, the photograph in it</source>
        <translation>附上窗口截图（照片也在其中）</translation>
    </message>
    <message>
        <source>With the photograph that is open</source>
        <translation>附上当前打开的照片</translation>
    </message>
    <message>
        <source>Save the report…</source>
        <translation>保存报告…</translation>
    </message>
</context>
<context>
    <name>ReportWindow</name>
    <message>
        <source>Evaluation</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Nothing could be scored: build the bank first.</source>
        <translation>没有可以评分的：请先建库。</translation>
    </message>
    <message>
        <source>BY KIND OF EVIDENCE</source>
        <translation>按依据</translation>
    </message>
    <message>
        <source>BY FABRIC</source>
        <translation>按面料</translation>
    </message>
    <message>
        <source>TAKEN FOR ANOTHER</source>
        <translation>容易混淆的面料</translation>
    </message>
    <message>
        <source>{patches} kept apart from training, all evidence together.</source>
        <translation>{patches}，都没有参加训练；综合全部依据。</translation>
    </message>
    <message>
        <source>The evaluation set did not exist and was made for this: {path}</source>
        <translation>原来没有评估集，已为这次新建：{path}</translation>
    </message>
    <message>
        <source>Not readable: {count} ({names})</source>
        <translation>读不出 {count} 个（{names}）</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>还没有</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>Patches</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>{true} for {taken}: {count}</source>
        <translation>{true} 认成 {taken}：{count} 次</translation>
    </message>
</context>
<context>
    <name>ResultsPanel</name>
    <message>
        <source>RESULT</source>
        <translation>识别结果</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Recognising…</source>
        <translation>正在识别…</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>没有结果</translation>
    </message>
    <message>
        <source>Region {n} of {count}</source>
        <translation>区域 {n}/{count}</translation>
    </message>
    <message>
        <source>No answer for this region</source>
        <translation>这个区域没有结果</translation>
    </message>
    <message>
        <source>What stopped it stands above the photograph.</source>
        <translation>原因写在照片上方。</translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation>这里还没有内容</translation>
    </message>
    <message>
        <source>Open a photograph; the fabrics it may be will be listed here, most likely first.</source>
        <translation>打开一张照片；可能的面料会列在这里，最可能的在最前。</translation>
    </message>
    <message>
        <source>Click on the cloth</source>
        <translation>点一下布料</translation>
    </message>
    <message>
        <source>Pick takes a square around the point, Box takes what you drag. The answer comes at once.</source>
        <translation>“点选”取该点周围的方块，“框选”取拖出的方框，马上就有结果。</translation>
    </message>
    <message>
        <source>The first answer takes a little longer: the encoder is being loaded.</source>
        <translation>第一次会慢一点：正在载入编码器。</translation>
    </message>
    <message>
        <source>{n} or Enter</source>
        <translation>{n} 或 Enter</translation>
    </message>
    <message>
        <source>Save as {fabric}</source>
        <translation>存为{fabric}</translation>
    </message>
    <message>
        <source>No bank yet: the rules alone answer.</source>
        <translation>尚未建库：这次只按规则判断。</translation>
    </message>
    <message>
        <source>No bank yet: names of fabrics (not yet measured) and rules answer.</source>
        <translation>还没有建库：按面料名称（尚未实测）和规则判断。</translation>
    </message>
</context>
<context>
    <name>Retraining</name>
    <message>
        <source>{version} is kept: Versions in the Model menu goes back to it.</source>
        <translation>{version} 已保留：可从“模型”菜单的“版本”回退。</translation>
    </message>
    <message>
        <source>{version} is in use now.</source>
        <translation>{version} 现已启用。</translation>
    </message>
    <message>
        <source>The one before is kept: Versions in the Model menu goes back to it.</source>
        <translation>之前的版本仍保留：可在“模型”菜单的“版本”中回退。</translation>
    </message>
</context>
<context>
    <name>SampleStrip</name>
    <message>
        <source>Drawn samples</source>
        <translation>绘制的示例</translation>
    </message>
    <message>
        <source>The program drew this cloth. Labels made here stay here.</source>
        <translation>这些布料是程序画的。在这里做的标注只留在这里。</translation>
    </message>
</context>
<context>
    <name>SettingChanges</name>
    <message>
        <source>Change a setting</source>
        <translation>更改设置</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Encoders…</source>
        <translation>编码器…</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Drawn samples</source>
        <translation>绘制的示例</translation>
    </message>
    <message>
        <source>Settings of the studio {name}. A change is in force at once; Undo takes it back.</source>
        <translation>工作室“{name}”的设置。改动立即生效，可以撤销。</translation>
    </message>
    <message>
        <source>This studio cannot be written now: what you change here holds until the window closes.</source>
        <translation>这个工作室现在不能写入：在这里的改动只保持到窗口关闭。</translation>
    </message>
    <message>
        <source>Chosen by the program; in use: {encoder}</source>
        <translation>由程序选择；正在使用：{encoder}</translation>
    </message>
    <message>
        <source>Chosen: {chosen}; in use: {encoder}</source>
        <translation>已选：{chosen}；正在使用：{encoder}</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>The language of the window and of the fabrics&apos; names.</source>
        <translation>窗口和面料名称所用的语言。</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>The window&apos;s greys; the ground around the cloth is the same in all.</source>
        <translation>窗口的深浅；布料周围的底色始终相同。</translation>
    </message>
    <message>
        <source>Rules&apos; weight</source>
        <translation>规则比重</translation>
    </message>
    <message>
        <source>How far the rules count against the reference photos: 1 rules only, 0 references only; Automatic takes what measured best here.</source>
        <translation>规则相对参考图占多少分量：1 只用规则，0 只用参考图；自动则取在这里测得最好的。</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>The rules shipped with the program, or ones set from what your own references look like.</source>
        <translation>程序自带的规则，或按您自己参考图的样子定出的规则。</translation>
    </message>
    <message>
        <source>Candidates</source>
        <translation>候选数</translation>
    </message>
    <message>
        <source>How many fabrics an answer lists.</source>
        <translation>每个答案列出几种面料。</translation>
    </message>
    <message>
        <source>Keep for review below</source>
        <translation>低于此值留待确认</translation>
    </message>
    <message>
        <source>A region whose best candidate is less sure than this is put into the review queue.</source>
        <translation>首个候选的置信度低于此值的区域，会放进待确认队列。</translation>
    </message>
    <message>
        <source>Patches a photo</source>
        <translation>每张照片的样本数</translation>
    </message>
    <message>
        <source>At most this many of one photograph are put into the queue of themselves; 0 puts in none.</source>
        <translation>一张照片最多自动放进待确认队列这么多个；0 表示不自动放。</translation>
    </message>
    <message>
        <source>Suggest retraining at</source>
        <translation>建议重新训练</translation>
    </message>
    <message>
        <source>After this many labels since the last training it suggests to retrain, and never does so by itself.</source>
        <translation>上次训练后新增这么多个标注，就建议重新训练；从不自行训练。</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>What compares the cloth; changing it rebuilds the bank, so it has a page of its own.</source>
        <translation>用来比较布料；更换时要重新建库，所以有单独的页面。</translation>
    </message>
    <message>
        <source>Chosen by the program</source>
        <translation>由程序选择</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Where weights are fetched from in place of huggingface.co, for example https://hf-mirror.com; HF_ENDPOINT goes before it.</source>
        <translation>代替 huggingface.co 的下载地址，例如 https://hf-mirror.com；环境变量 HF_ENDPOINT 优先。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>WINDOW</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>ANSWERS</source>
        <translation>答案</translation>
    </message>
    <message>
        <source>REVIEW AND RETRAINING</source>
        <translation>确认与训练</translation>
    </message>
    <message>
        <source>ENCODER</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>This is no web address and is not saved; it should look like https://hf-mirror.com.</source>
        <translation>这不是网址，没有保存；应当像 https://hf-mirror.com 这样。</translation>
    </message>
    <message>
        <source>Back to the default: {value}</source>
        <translation>恢复默认：{value}</translation>
    </message>
</context>
<context>
    <name>Sharing</name>
    <message>
        <source>{studio} model</source>
        <translation>{studio} 模型</translation>
    </message>
    <message>
        <source>Share as one file</source>
        <translation>存成一个分享文件</translation>
    </message>
    <message>
        <source>{files} files, {size} MB, in {folder}</source>
        <translation>{files} 个文件，{size} MB，位于 {folder}</translation>
    </message>
    <message>
        <source>Left out, since their names cannot be written everywhere: {count} ({example})</source>
        <translation>以下文件的名称在某些系统上无法使用，未包含：{count} 个（{example}）</translation>
    </message>
    <message>
        <source>Written: {file}</source>
        <translation>已保存：{file}</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>打开所在文件夹</translation>
    </message>
    <message>
        <source>Take in a shared file</source>
        <translation>导入分享文件</translation>
    </message>
    <message>
        <source>Where shall the studio go? It gets a folder of its own there</source>
        <translation>放到哪里？会在那里新建一个文件夹</translation>
    </message>
    <message>
        <source>{file} was taken in as {version}; it is not in use.</source>
        <translation>{file} 已导入为 {version}，暂未使用。</translation>
    </message>
    <message>
        <source>Compare it with yours, use it, or delete it again under Versions.</source>
        <translation>可在“版本”中与现有模型比较、换用，或再删除。</translation>
    </message>
    <message>
        <source>{file} was taken in.</source>
        <translation>{file} 已导入。</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>打开它</translation>
    </message>
    <message>
        <source>The model in {file} was made with another encoder ({encoder}); nothing was changed.</source>
        <translation>{file} 中的模型用的是另一个编码器（{encoder}）；没有做任何改动。</translation>
    </message>
    <message>
        <source>The photos and labels can be taken in without it; the bank is then built here.</source>
        <translation>可以只导入照片和标注，之后在这里建库。</translation>
    </message>
    <message>
        <source>Take in without the model</source>
        <translation>不带模型导入</translation>
    </message>
</context>
<context>
    <name>SourceStep</name>
    <message>
        <source>Lists</source>
        <translation>清单</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Choose the list</source>
        <translation>选择清单</translation>
    </message>
    <message>
        <source>Choose the folder</source>
        <translation>选择文件夹</translation>
    </message>
    <message>
        <source>does not fit</source>
        <translation>不符合格式</translation>
    </message>
    <message>
        <source>A folder with a folder for each fabric</source>
        <translation>每种面料一个文件夹</translation>
    </message>
    <message>
        <source>The folders&apos; names become the fabrics.</source>
        <translation>文件夹名就是面料。</translation>
    </message>
    <message>
        <source>Photos with the article number in their names</source>
        <translation>文件名里有货号的照片</translation>
    </message>
    <message>
        <source>Such as AB-1204_3.jpg; how to read the names is shown below.</source>
        <translation>例如 AB-1204_3.jpg；下面会显示文件名的读法。</translation>
    </message>
    <message>
        <source>A list in Excel or CSV</source>
        <translation>Excel 或 CSV 清单</translation>
    </message>
    <message>
        <source>Columns such as file, fabric, names, fibre, weight, supplier; headings in Chinese or English.</source>
        <translation>列可以有文件、面料、名称、成分、克重、供应商等，表头中英文均可。</translation>
    </message>
    <message>
        <source>Where it is</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Each folder at the top is a fabric</source>
        <translation>最上层每个文件夹是一种面料</translation>
    </message>
    <message>
        <source>Each folder with photos is one</source>
        <translation>每个有照片的文件夹是一种面料</translation>
    </message>
    <message>
        <source>Which folders are fabrics</source>
        <translation>哪些文件夹是面料</translation>
    </message>
    <message>
        <source>How the names are made</source>
        <translation>文件名的格式</translation>
    </message>
    <message>
        <source>[article], [fabric], [name_zh], [name_en], [supplier], [type], [n] a number, [any] anything; with curly brackets.</source>
        <translation>[article] 货号、[fabric] 面料、[name_zh] 中文名、[name_en] 英文名、[supplier] 供应商、[type] 类别、[n] 数字、[any] 任意内容；用花括号书写。</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>面料</translation>
    </message>
    <message>
        <source>Further</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>What the first names say</source>
        <translation>前几个文件名的读法</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Encoder: not loaded yet</source>
        <translation>编码器：尚未载入</translation>
    </message>
    <message>
        <source>{encoder}: cannot run here</source>
        <translation>{encoder}：在这里不能运行</translation>
    </message>
    <message>
        <source>This encoder runs on the processor alone.</source>
        <translation>这个编码器只在处理器上运行。</translation>
    </message>
    <message>
        <source>It runs on the graphics card.</source>
        <translation>它在显卡上运行。</translation>
    </message>
    <message>
        <source>No graphics card that it could run on was found.</source>
        <translation>没有找到它能用的显卡。</translation>
    </message>
    <message>
        <source>The installed torch was built without support for graphics cards.</source>
        <translation>所装的 torch 不支持显卡。</translation>
    </message>
    <message>
        <source>No reference photos yet</source>
        <translation>还没有参考图</translation>
    </message>
    <message>
        <source>{counts}, bank not built</source>
        <translation>{counts}，尚未建库</translation>
    </message>
    <message>
        <source>{counts}, bank does not fit</source>
        <translation>{counts}，需要重新建库</translation>
    </message>
    <message>
        <source>No head trained</source>
        <translation>尚未训练</translation>
    </message>
    <message>
        <source>Head {version}, {age}</source>
        <translation>线性头 {version}，{age}</translation>
    </message>
    <message>
        <source>today</source>
        <translation>今天</translation>
    </message>
</context>
<context>
    <name>SwatchStrip</name>
    <message>
        <source>Patch</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>{photo}
similarity {value} (cosine)
Click: compare full size</source>
        <translation>{photo}
相似度 {value}（余弦）
点击：放大对比</translation>
    </message>
    <message>
        <source>Reference of {fabric}</source>
        <translation>{fabric}的参考图</translation>
    </message>
    <message>
        <source>Nearest references: {fabric}</source>
        <translation>最近的参考图：{fabric}</translation>
    </message>
    <message>
        <source>No reference of {fabric} in the library</source>
        <translation>面料库里没有{fabric}的参考图</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Zoom: screen pixels for each pixel of the photograph</source>
        <translation>缩放：照片每个像素占多少屏幕像素</translation>
    </message>
</context>
<context>
    <name>TourPage</name>
    <message>
        <source>Click on the cloth</source>
        <translation>点一下布料</translation>
    </message>
    <message>
        <source>Open a photograph and click on the cloth. A square patch around the point is recognised; on the right stand the fabrics, the best one first.</source>
        <translation>打开一张照片，点一下布面。程序识别该点周围的方形样本，右边列出面料，最像的在最前。</translation>
    </message>
    <message>
        <source>Read the answer</source>
        <translation>读懂答案</translation>
    </message>
    <message>
        <source>The word says how far to trust it: sure, likely, unsure, not in your library. The references beside the patch speak for it; C shows patch and reference side by side, as large as the screen.</source>
        <translation>文字说明可信的程度：确定、较可能、不确定、未收录。样本旁边的参考图就是依据；按 C 把样本和参考图并排放大到全屏。</translation>
    </message>
    <message>
        <source>Say which part</source>
        <translation>选定要看的部分</translation>
    </message>
    <message>
        <source>Box and Lasso take a region of your own, Whole takes the whole photograph. One photograph may have many regions, each with its answer. Arrows move one, Del takes it away, Undo brings it back.</source>
        <translation>“框选”和“套索”自己画区域，“整张”取整张照片。一张照片可以有许多区域，各有各的答案。方向键移动，Del 删除，撤销可恢复。</translation>
    </message>
    <message>
        <source>Say what it is</source>
        <translation>标上名称</translation>
    </message>
    <message>
        <source>1 to 9 accepts a candidate, Return the first one. If none is right, press L and type the name. Every label is kept, can be taken back, and teaches the next model.</source>
        <translation>按 1 到 9 接受候选，回车接受第一个。都不对就按 L 输入名称。每个标注都会保存，可以撤回，并用来训练下一个模型。</translation>
    </message>
    <message>
        <source>Go through the doubtful</source>
        <translation>处理它拿不准的</translation>
    </message>
    <message>
        <source>Patches that the program is unsure of wait in the review queue, the most useful one first. N goes to the next; several can be chosen and named at once.</source>
        <translation>程序拿不准的样本放在待确认队列里，最有用的在最前。按 N 到下一个；可以选中多个一起命名。</translation>
    </message>
    <message>
        <source>Bring your swatches</source>
        <translation>导入您的布样</translation>
    </message>
    <message>
        <source>A folder a fabric, article numbers in file names, or a list from Excel: you see what is taken in before it is. Give each fabric 3 to 5 photos, taken from the distance at which you will ask. Different swatches help more than more photos of one. Then build the bank.</source>
        <translation>每种面料一个文件夹、文件名里的货号，或 Excel 清单都可以；导入之前先给您看。每种面料 3 到 5 张，从将来识别时的距离拍。多几块不同的布样，比同一块多拍几张更有用。然后建库。</translation>
    </message>
    <message>
        <source>Ask for a whole folder</source>
        <translation>识别整个文件夹</translation>
    </message>
    <message>
        <source>All photos of a folder are one job that can be stopped and taken up again. The table can be sorted, filtered and labelled, and is saved for Excel or as a page to print.</source>
        <translation>整个文件夹作为一项任务，可以停下，以后接着做。结果表可以排序、筛选、标注，可存给 Excel，也可存成可打印的页面。</translation>
    </message>
    <message>
        <source>Make it better</source>
        <translation>让它更准</translation>
    </message>
    <message>
        <source>From 20 labels on, Retrain and compare makes a new model and shows it beside the old one, on patches that neither was trained on. You decide; any earlier version can be brought back.</source>
        <translation>有 20 个标注以后，“重新训练并对比”会做出新模型，用两者都没训练过的样本与旧模型对比。由您决定；任何旧版本都能回退。</translation>
    </message>
    <message>
        <source>Choose another encoder</source>
        <translation>换用别的编码器</translation>
    </message>
    <message>
        <source>The built-in encoder is quick and needs nothing. CLIP tells textures apart better, but has to be fetched. Changing rebuilds the bank; the old one stays, so going back is instant.</source>
        <translation>内置编码器快，什么都不用装。CLIP 更会分辨纹理，但需要下载。更换时重新建库；旧库保留，随时可以立即换回。</translation>
    </message>
    <message>
        <source>Tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>Steps of the tour</source>
        <translation>导览的步骤</translation>
    </message>
    <message>
        <source>What a photo can tell</source>
        <translation>照片能看出什么</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
</context>
<context>
    <name>VersionsFlows</name>
    <message>
        <source>Export {version} as one file</source>
        <translation>把 {version} 存成一个文件</translation>
    </message>
    <message>
        <source>Written: {file}</source>
        <translation>已保存：{file}</translation>
    </message>
    <message>
        <source>{version} is deleted: it lies in the studio&apos;s trash.</source>
        <translation>{version} 已删除，放在工作室的回收站里。</translation>
    </message>
    <message>
        <source>Undo brings it back.</source>
        <translation>撤销即可恢复。</translation>
    </message>
</context>
<context>
    <name>VersionsWindow</name>
    <message>
        <source>Versions of the model</source>
        <translation>模型版本</translation>
    </message>
    <message>
        <source>Use this version</source>
        <translation>启用此版本</translation>
    </message>
    <message>
        <source>Compare the two</source>
        <translation>对比这两个</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>HOW OFTEN IT IS RIGHT, BY VERSION</source>
        <translation>各版本的准确率</translation>
    </message>
    <message>
        <source>Confidence off by</source>
        <translation>置信度偏差</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用时间</translation>
    </message>
    <message>
        <source>On newer labels</source>
        <translation>新标注正确率</translation>
    </message>
    <message>
        <source>A double click or F2 changes the note.</source>
        <translation>双击或按 F2 修改备注。</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从未使用</translation>
    </message>
    <message>
        <source>under a day</source>
        <translation>不到一天</translation>
    </message>
    <message>
        <source>{time}, {count} times</source>
        <translation>{time}，{count} 次</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{count} new</source>
        <translation>{count} 个新标注</translation>
    </message>
    <message>
        <source>{count} new, not measurable</source>
        <translation>{count} 个新标注，无法评估</translation>
    </message>
    <message>
        <source>This studio is read-only.</source>
        <translation>这个工作室是只读的。</translation>
    </message>
    <message>
        <source>It is in use.</source>
        <translation>它正在使用中。</translation>
    </message>
    <message>
        <source>Choose one version first.</source>
        <translation>请先选一个版本。</translation>
    </message>
    <message>
        <source>Choose two versions: Ctrl and click adds one.</source>
        <translation>请选两个版本：按住 Ctrl 再点一个。</translation>
    </message>
    <message>
        <source>Measuring on the labels that came after each…</source>
        <translation>正在用各版本之后的标注进行评估……</translation>
    </message>
    <message>
        <source>There is no version yet: build the bank, or retrain.</source>
        <translation>还没有版本：请先建库，或重新训练。</translation>
    </message>
    <message>
        <source>Choose one to use it, two (Ctrl and click) to compare them.</source>
        <translation>选一个可启用，选两个（按住 Ctrl 点击）可对比。</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>建立时间</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>{version}, in use</source>
        <translation>{version}，使用中</translation>
    </message>
</context>
<context>
    <name>WeighingRow</name>
    <message>
        <source>Rules&apos; weight</source>
        <translation>规则比重</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>How many candidates</source>
        <translation>候选个数</translation>
    </message>
    <message>
        <source>Alpha: how far the rules count against the reference photos and the head.</source>
        <translation>alpha：规则相对于参考图和线性头所占的比重。</translation>
    </message>
    <message>
        <source>1.0 rules only</source>
        <translation>1.0 只用规则</translation>
    </message>
    <message>
        <source>0.8 mostly rules</source>
        <translation>0.8 规则为主</translation>
    </message>
    <message>
        <source>0.7 rules lead</source>
        <translation>0.7 偏重规则</translation>
    </message>
    <message>
        <source>0.5 both alike</source>
        <translation>0.5 各占一半</translation>
    </message>
    <message>
        <source>0.3 references lead</source>
        <translation>0.3 偏重参考图</translation>
    </message>
    <message>
        <source>0.0 references only</source>
        <translation>0.0 只看参考图</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Opening {photo}…</source>
        <translation>正在打开 {photo}…</translation>
    </message>
    <message>
        <source>Open a photograph to find out which fabric it shows</source>
        <translation>打开一张照片，看看是什么面料</translation>
    </message>
    <message>
        <source>Drop one here, paste one, or begin with a drawn sample.</source>
        <translation>拖进来、粘贴，或先看看绘制的示例。</translation>
    </message>
    <message>
        <source>Your library is empty</source>
        <translation>面料库是空的</translation>
    </message>
    <message>
        <source>Put 3 to 5 photographs of each fabric into a folder of its own inside the reference folder, then build the bank. Until then the rules alone give an answer.</source>
        <translation>在参考图文件夹里为每种面料建一个文件夹，各放 3–5 张照片，然后建库。在此之前只按规则判断。</translation>
    </message>
    <message>
        <source>Build the bank first</source>
        <translation>请先建库</translation>
    </message>
    <message>
        <source>It lets patches be compared with the reference photographs of your library.</source>
        <translation>建库后，样本才能与面料库的参考图比对。</translation>
    </message>
    <message>
        <source>Drop one here, or paste one from the clipboard.</source>
        <translation>拖进来，或从剪贴板粘贴。</translation>
    </message>
    <message>
        <source>One moment…</source>
        <translation>请稍候…</translation>
    </message>
    <message>
        <source>Preparing drawn samples to look at</source>
        <translation>正在绘制示例</translation>
    </message>
</context>
</TS>
