"""Every sentence about forms and submissions, Chinese first, English beside it."""

from typing import Final

#: code -> (Chinese, English): what a person reads below a field
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "required": ("请填写这一项。", "Please fill this in."),
    "required-choice": ("请选择。", "Please choose."),
    "required-tick": ("请确认并勾选。", "Please confirm by ticking."),
    "type": (
        "这一项的内容格式不对，请重新填写。",
        "This has the wrong form; please fill it in again.",
    ),
    "control-character": (
        "含有不能保存的字符，请删去后再填。",
        "It holds a character that can't be kept; please remove it.",
    ),
    "too-long-text": ("内容过长，最多 {limit} 个字。", "Too long: at most {limit} characters."),
    "secret": (
        "请重新填写完整的内容：遮住的部分无法还原。",
        "Please write it again in full: what is masked can't be restored.",
    ),
    "min-length": ("至少写 {limit} 个字。", "Write at least {limit} characters."),
    "max-length": ("最多 {limit} 个字。", "At most {limit} characters."),
    "pattern": ("格式不对，请核对后重填。", "The format is wrong; please check it."),
    "pattern-time": (
        "内容太复杂，无法核对格式，请写得简短些。",
        "Too complex to check; please write it shorter.",
    ),
    "email": (
        "请填写正确的电子邮箱，例如 wang@example.com。",
        "Please give an e-mail address such as wang@example.com.",
    ),
    "phone": (
        "请填写带国际区号的电话，例如 +8613800138000。",
        "Please give a telephone number with country code, such as +8613800138000.",
    ),
    "number": ("请填写数字。", "Please give a number."),
    "integer": ("请填写整数。", "Please give a whole number."),
    "decimals": ("最多保留 {digits} 位小数。", "At most {digits} decimal places."),
    "increment": (
        "请填写 {step} 的倍数，最近的是 {below} 和 {above}。",
        "Please give a multiple of {step}; the nearest are {below} and {above}.",
    ),
    "min": ("不能小于 {limit}。", "Must not be less than {limit}."),
    "max": ("不能大于 {limit}。", "Must not be more than {limit}."),
    "limit-unknown": (
        "界限算不出来，请先填好相关的项。",
        "The limit can't be worked out; please fill in the related fields first.",
    ),
    "date": ("请填写正确的日期，例如 2026-11-22。", "Please give a date such as 2026-11-22."),
    "time": ("请填写正确的时间，例如 09:30。", "Please give a time such as 09:30."),
    "datetime": (
        "请填写正确的日期和时间，例如 2026-11-22 09:30。",
        "Please give date and time such as 2026-11-22 09:30.",
    ),
    "year": (
        "年份 {year} 不合常理，请核对日期。",
        "The year {year} is not plausible; please check the date.",
    ),
    "offset": (
        "时间的时区不对，请重新选择时间。",
        "The time zone of this moment is wrong; please choose the time again.",
    ),
    "choice": (
        "所选内容不在选项里，请重新选择。",
        "This is not one of the options; please choose again.",
    ),
    "person": ("找不到这个人，请重新选择。", "No such person; please choose again."),
    "person-group": (
        "这个人不在可选的岗位里，请换一位。",
        "This person does not hold the right role; please choose someone else.",
    ),
    "room": ("找不到这个房号，请重新选择。", "No such room; please choose again."),
    "room-name": ("没有房号“{text}”。", "There is no room “{text}”."),
    "room-several": (
        "房号“{text}”在几个项目里都有，请只填自己项目的。",
        "Several projects have a room “{text}”.",
    ),
    "person-name": ("没有姓名或工号是“{text}”的同事。", "No colleague is called “{text}”."),
    "person-several": (
        "有几位同事叫“{text}”，请填工号。",
        "Several colleagues are called “{text}”; give the staff number.",
    ),
    "tick-word": ("请填“是”或“否”。", "Please write 是 (yes) or 否 (no)."),
    "required-signature": ("请签名。", "Please sign."),
    "case": ("找不到这个案件，请核对编号。", "No such case; please check the number."),
    "too-many": ("最多 {limit} 项，请减少。", "At most {limit}; please remove some."),
    "file": ("附件没有上传成功，请重新上传。", "The file did not arrive; please upload it again."),
    "file-type": (
        "「{name}」的文件类型不收，可以上传：{accept}。",
        "“{name}” is not of an accepted type: {accept}.",
    ),
    "min-rows": ("至少填 {limit} 行。", "Fill in at least {limit} rows."),
    "max-rows": ("最多 {limit} 行。", "At most {limit} rows."),
    "rows-fixed": (
        "这张表的行数不能改，请刷新后重填。",
        "The rows of this table can't be changed; please reload.",
    ),
    "more-problems": ("还有 {count} 处要改。", "{count} more to correct."),
    "sheet-columns": (
        "表头里缺少这些列：{columns}。请用下载的表格填写。",
        "These columns are missing: {columns}. Please fill up the table that you downloaded.",
    ),
    "check": ("这一项与其他内容不符，请核对。", "This does not fit the rest; please check it."),
    "not-an-object": ("提交的内容不是表单数据。", "What was sent is not form data."),
}

#: code -> (Chinese, English): what a designer reads about a form
FAULTS: Final[dict[str, tuple[str, str]]] = {
    "json": ("不是有效的 JSON：{detail}", "Not valid JSON: {detail}"),
    "too-large": ("表单太大：最多 {limit}。", "The form is too large: at most {limit}."),
    "not-a-form": (
        "不是 form-js 表单：最外层必须是 type 为 default 的对象。",
        "Not a form-js form: the outermost object must have type default.",
    ),
    "schema-version": (
        "schemaVersion 必须是 1 到 19 的整数。",
        "schemaVersion must be a whole number from 1 to 19.",
    ),
    "form-id": (
        "表单 id 必须以字母开头，只含字母、数字、下划线和连字符。",
        "The form id must begin with a letter and hold only letters, digits, underscores and hyphens.",
    ),
    "field-id": (
        "组件缺少 id，或 id 含有不许用的字符。",
        "The component lacks an id, or the id holds characters that are not allowed.",
    ),
    "duplicate-id": ("id「{id}」用了两次。", "The id “{id}” is used twice."),
    "key": (
        "键「{key}」不能用：须是字母开头的名字，多级以点相连，且不是保留字。",
        "The key “{key}” can't be used: it must be a name, parts joined by dots, and not reserved.",
    ),
    "path-taken": (
        "数据路径「{path}」已被别的字段占用。",
        "The data path “{path}” is taken by another field.",
    ),
    "type": ("不支持组件类型「{type}」。", "Components of type “{type}” are not supported."),
    "type-instead": (
        "不支持组件类型「{type}」，请改用「{instead}」。",
        "Components of type “{type}” are not supported; use “{instead}”.",
    ),
    "attribute": (
        "属性 {name} 的值不对：{expected}。",
        "The attribute {name} is wrong: {expected}.",
    ),
    "markup": ("{name} 里不能写 HTML 或脚本。", "{name} must not hold HTML or scripts."),
    "template": (
        "{name} 里不能写模板或表达式，它要用于案卷。",
        "{name} must not hold a template or expression: it is used in the case file.",
    ),
    "expression": ("{name} 的表达式不对：{detail}", "The expression in {name} is wrong: {detail}"),
    "expression-expected": (
        "{name} 必须是以 = 开头的表达式。",
        "{name} must be an expression beginning with =.",
    ),
    "expression-now": (
        "{name} 里不能用 now：浏览器和服务器的钟不同，请写进 check 或 default。",
        "{name} must not read now: clocks differ; put it in check or default.",
    ),
    "unknown-name": (
        "{name} 的表达式读取了不存在的「{path}」。",
        "The expression in {name} reads “{path}”, which does not exist.",
    ),
    "condition-loose": (
        "条件读取的字段自己也可能隐藏；请先写上那个字段的隐藏条件，再写 or 和自己的条件。",
        "The condition reads a field that may itself be hidden: write that field's condition first, then or and your own.",
    ),
    "mixed-types": (
        "{name} 的表达式把「{key}」同另一类值比较：多选用 list contains，数字与数字比，文字与文字比。",
        "The expression in {name} compares “{key}” with a value of another type: use list contains for lists.",
    ),
    "cycle": ("条件互相依赖：{fields}。", "Conditions depend on one another: {fields}."),
    "validate-key": (
        "校验项「{key}」对 {type} 不起作用，或不支持。",
        "The rule “{key}” does not work for {type} or is not supported.",
    ),
    "validate-value": ("校验项 {key} 的值不对。", "The value of the rule {key} is wrong."),
    "pattern": (
        "正则表达式不对或不可移植：{detail}",
        "The pattern is wrong or not portable: {detail}",
    ),
    "options": (
        "选项来源必须是 values、valuesKey、valuesExpression 中的一个，且选项不能为空。",
        "The options must come from one of values, valuesKey, valuesExpression and must not be empty.",
    ),
    "duplicate-option": ("选项值「{value}」重复。", "The option value “{value}” is there twice."),
    "label": ("字段缺少中文标签。", "The field lacks a label."),
    "columns": (
        "表格至少要有一列，且列的键不能重复。",
        "A table needs columns, each with a key of its own.",
    ),
    "column": ("列「{column}」不对：{expected}。", "The column “{column}” is wrong: {expected}."),
    "default-in-list": (
        "动态列表里的字段不能有 default，请写在列表上。",
        "Fields inside a dynamic list can't have a default; put it on the list.",
    ),
    "secret-place": (
        "加密保存的字段须是单行文本，不在动态列表或带路径的分组里。",
        "A field that is kept encrypted must be a textfield outside lists and groups with a path.",
    ),
    "url": (
        "{name} 只能是本站地址或图片数据。",
        "{name} must be an address on this site or image data.",
    ),
    "properties": ("properties 必须是文字对文字的表。", "properties must map texts to texts."),
    "needs-message": ("有 check 就要有 checkMessage。", "A check needs a checkMessage."),
    "too-deep": (
        "容器嵌套太深：最多 {limit} 层。",
        "Containers are nested too deep: at most {limit} levels.",
    ),
}
