"""Diagrams that each break one rule, with the rule and the element that must be named."""

OK = "start s -> a\nuser a -> e\nend e"


CAMUNDA7 = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


DRAWN = {
    "error-without-code": (
        "start s -> x\nend x error=", ("code-missing", "x")
    ),
    "loop-of-an-undoable": (
        "start s -> a\nuser a multi==items x=item -> e\nboundary b on=a compensate=\nend e",
        ("compensation-loop", "b"),
    ),
    "flow-into-an-event-sub": (
        f"{OK}\n{{ sub b triggeredByEvent=true -> e\nstart t signal=x -> f\nend f\n}}",
        ("event-subprocess-flow", "b"),
    ),
    "flow-into-a-border": (
        "start s -> a\nuser a -> b\nboundary b on=a timer=PT1H -> e\nend e",
        ("flow-into-boundary", "b"),
    ),
    "border-that-leads-nowhere": (
        "start s -> a\nuser a -> e\nboundary b on=a timer=PT1H\nend e", ("no-outgoing", "b")
    ),
    "link-from-nowhere": ("start s -> e\ncatch c link=x -> e\nend e", ("link-source", "c")),
    "loop-of-an-event-sub": (
        f"{OK}\n{{ sub b triggeredByEvent=true multi==items x=item\nstart t signal=x -> f\nend f\n}}",
        ("loop-refused", "b"),
    ),
    "nothing-to-start": ("user a -> e\nend e", ("no-start", "p")),
    "two-starts": ("start s -> a\nstart t -> a\nuser a", ("several-starts", "t")),
    "flow-into-start": ("start s -> a\nuser a -> s", ("flow-into-start", "s")),
    "flow-out-of-end": ("start s -> e\nend e -> a\nuser a", ("flow-out-of-end", "e")),
    "never-reached": ("start s -> e\nend e\nuser a -> e", ("no-incoming", "a")),
    "no-condition": ("start s -> g\nxor g -> a b\nuser a\nuser b", ("condition-missing", "g_0")),
    "default-with-condition": (
        "start s -> g\nxor g default=x -> x:a[=ok] b[=no]\nuser a\nuser b",
        ("default-conditional", "x"),
    ),
    "default-elsewhere": (
        "start s -> g\nxor g default=s_0 -> a[=ok]\nuser a", ("default-unknown", "g")
    ),
    "condition-after-and": (
        "start s -> g\nand g -> a[=ok] b\nuser a\nuser b", ("condition-misplaced", "g_0")
    ),
    "wrong-feel": ("start s -> g\nxor g -> a[=1~+] b[=ok]\nuser a\nuser b", ("feel-invalid", "g_0")),
    "wrong-timer": ("start s -> t\ncatch t timer=-PT1H -> e\nend e", ("timer-invalid", "t")),
    "bare-number-timer": ("start s -> t\ncatch t timer=24 -> e\nend e", ("timer-invalid", "t")),
    "catches-nothing": ("start s -> t\ncatch t -> e\nend e", ("event-definition-missing", "t")),
    "catches-an-end": (
        "start s -> t\ncatch t terminate=1 -> e\nend e", ("event-definition-refused", "t")
    ),
    "no-job": ("start s -> t\nservice t -> e\nend e", ("task-definition-missing", "t")),
    "no-script": ("start s -> t\nscript t -> e\nend e", ("script-missing", "t")),
    "no-decision": ("start s -> t\nrule t -> e\nend e", ("decision-missing", "t")),
    "no-called-process": ("start s -> t\ncall t -> e\nend e", ("called-element-missing", "t")),
    "error-without-interrupting": (
        "start s -> a\nuser a -> e\nboundary b on=a error=E cancelActivity=false -> e\nend e",
        ("must-interrupt", "b"),
    ),
    "boundary-on-gateway": (
        "start s -> g\nxor g -> e\nboundary b on=g timer=PT1H -> e\nend e", ("boundary-host", "b")
    ),
    "boundary-on-nothing": (
        "start s -> a\nuser a -> e\nboundary b on=x timer=PT1H -> e\nend e",
        ("attached-unknown", "b"),
    ),
    "one-event": ("start s -> g\nevent g -> t\ncatch t timer=PT1H", ("event-gateway-flows", "g")),
    "event-gateway-to-task": (
        "start s -> g\nevent g -> t a\ncatch t timer=PT1H\nuser a", ("event-gateway-target", "a")
    ),
    "link-to-nowhere": ("start s -> t\nthrow t link=x", ("link-target", "t")),
    "sub-with-timer-start": (
        "start s -> b\n{ sub b -> e\nstart t timer=PT1H -> f\nend f\n}\nend e",
        ("subprocess-start", "b"),
    ),
    "event-sub-without-trigger": (
        f"{OK}\n{{ sub b triggeredByEvent=true\nstart t -> f\nend f\n}}",
        ("event-subprocess-start", "b"),
    ),
    "flow-across-a-border": (
        "start s -> u\n{ sub b -> e\nstart t -> u\nuser u -> f\nend f\n}\nend e",
        ("flow-crosses-scope", "s_0"),
    ),
    "wrong-target-name": (
        (
            'start s -> a\nuser a | <zeebe:ioMapping><zeebe:input source="=1" target="1x"/>'
            "</zeebe:ioMapping> -> e\nend e"
        ),
        ("target-invalid", "a"),
    ),
    "listener": (
        (
            'start s -> a\nuser a | <zeebe:taskListeners><zeebe:taskListener eventType="creating" '
            'type="x"/></zeebe:taskListeners> -> e\nend e'
        ),
        ("listener", "a"),
    ),
    "unknown-zeebe": (
        'start s -> a\nuser a | <zeebe:jobPriority value="1"/> -> e\nend e',
        ("unknown-extension", "a"),
    ),
    "zeebe-in-the-wrong-place": (
        'start s -> a\nuser a | <zeebe:taskDefinition type="x"/> -> e\nend e',
        ("unknown-extension", "a"),
    ),
    "unknown-binding": (
        'start s -> a\nuser a | <zeebe:formDefinition formId="f" bindingType="x"/> -> e\nend e',
        ("binding-unknown", "a"),
    ),
    "form-key": (
        'start s -> a\nuser a | <zeebe:formDefinition formKey="f"/> -> e\nend e',
        ("form-missing", "a"),
    ),
    "version-tag-binding": (
        (
            'start s -> a\nuser a | <zeebe:formDefinition formId="f" bindingType="versionTag" '
            'versionTag="1"/> -> e\nend e'
        ),
        ("binding-unknown", "a"),
    ),
    "input-of-an-event": (
        (
            'start s -> c\ncatch c timer=PT1H | <zeebe:ioMapping><zeebe:input source="=1" target="x"/>'
            "</zeebe:ioMapping> -> e\nend e"
        ),
        ("unknown-extension", "c"),
    ),
    "mapping-of-a-gateway": (
        "start s -> g\nxor g | <zeebe:ioMapping/> -> e\nend e", ("unknown-extension", "g")
    ),
    "start-by-condition": (
        "start s when==x -> a\nuser a", ("event-definition-refused", "s")
    ),
    "start-by-all-of-several": (
        "start s signal=x message=y@k parallelMultiple=true -> a\nuser a",
        ("unknown-attribute", "s"),
    ),
    "start-by-a-computed-name": (
        "start s signal==x -> a\nuser a", ("name-computed", "s")
    ),
    "catch-a-computed-code": (
        "start s -> a\nuser a -> e\nboundary b on=a error==x -> e\nend e", ("name-computed", "b")
    ),
    "border-of-what-a-gateway-waits-for": (
        (
            "start s -> g\nevent g -> t r\ncatch t timer=PT1H\nreceive r asTask=1 message=x@k\n"
            "boundary b on=r timer=PT2H -> e\nend e"
        ),
        ("event-gateway-target", "r"),
    ),
    "cancel-outside-a-transaction": (
        "start s -> x\nend x cancel=1", ("cancel-outside-transaction", "x")
    ),
    "cancel-that-leads-nowhere": (
        "start s -> b\n{ transaction b -> e\nstart t -> x\nend x cancel=1\n}\nend e",
        ("cancel-unhandled", "b"),
    ),
    "compensation-without-handler": (
        "start s -> a\nuser a -> e\nboundary b on=a compensate=\nend e",
        ("compensation-handler", "b"),
    ),
    "compensation-of-a-stranger": (
        "start s -> t\nthrow t compensate=nobody -> e\nend e", ("compensation-activity", "t")
    ),
    "compensation-of-the-whole-process": (
        f"{OK}\n{{ sub b triggeredByEvent=true\nstart t compensate= -> f\nend f\n}}",
        ("compensation-scope", "t"),
    ),
    "empty-ad-hoc": ("start s -> b\n{ adhoc b -> e\n}\nend e", ("adhoc-empty", "b")),
    "start-in-an-ad-hoc": (
        "start s -> b\n{ adhoc b -> e\nuser a\nstart t -> a\n}\nend e", ("adhoc-content", "t")
    ),
    "complex-join-without-condition": (
        "start s -> f\nand f -> a b\ntask a -> x\ntask b -> x\ncomplex x -> e\nend e",
        ("activation-missing", "x"),
    ),
    "quantity": ("start s -> a\ntask a startQuantity=0 -> e\nend e", ("quantity", "a")),
    "loop-maximum": (
        "start s -> a\nuser a loop==true max=-1 -> e\nend e", ("loop-value", "a")
    ),
}  # fmt: skip


RAW = {
    "pool-of-nothing": (
        (
            '</bpmn:process><bpmn:collaboration id="c"><bpmn:participant id="q" processRef="gone"/>'
            '</bpmn:collaboration><bpmn:process id="other" isExecutable="false">'
        ),
        ("collaboration", "q"),
    ),
    "instances-of-nothing": (
        '<bpmn:task id="t"><bpmn:multiInstanceLoopCharacteristics/></bpmn:task>',
        ("loop-collection", "t"),
    ),
    "link-without-name": (
        (
            '<bpmn:intermediateThrowEvent id="t"><bpmn:linkEventDefinition/>'
            "</bpmn:intermediateThrowEvent>"
        ),
        ("name-missing", "t"),
    ),
    "two-times-the-same-id": (
        '<bpmn:startEvent id="s"/><bpmn:endEvent id="s"/>', ("duplicate-id", "s")
    ),
    "a-sub-process-named-as-its-process": (
        '<bpmn:subProcess id="p"><bpmn:task id="t"/></bpmn:subProcess>', ("duplicate-id", "p")
    ),
    "flow-to-nowhere": (
        '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x"/>',
        ("flow-ends-nowhere", "f"),
    ),
    "starting-gateway": (
        '<bpmn:eventBasedGateway id="g" instantiate="true"/>', ("instantiate", "g")
    ),
    "parallel-event-gateway": (
        '<bpmn:eventBasedGateway id="g" eventGatewayType="Parallel"/>', ("unknown-attribute", "g")
    ),
    "computed-data": (
        (
            '<bpmn:task id="t"><bpmn:dataInputAssociation id="d"><bpmn:targetRef>x</bpmn:targetRef>'
            "<bpmn:assignment><bpmn:from>a</bpmn:from></bpmn:assignment></bpmn:dataInputAssociation>"
            "</bpmn:task>"
        ),
        ("data-refused", "t"),
    ),
    "two-loops": (
        (
            '<bpmn:task id="t"><bpmn:standardLoopCharacteristics loopMaximum="2"/>'
            '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>'
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:task>"
        ),
        ("loop-twice", "t"),
    ),
    "fewer-than-no-instances": (
        (
            '<bpmn:task id="t"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>-1'
            "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:task>"
        ),
        ("loop-value", "t"),
    ),
    "complex-behaviour-that-is-not-asked-for": (
        (
            '<bpmn:task id="t"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2'
            "</bpmn:loopCardinality><bpmn:complexBehaviorDefinition/>"
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:task>"
        ),
        ("loop-value", "t"),
    ),
    "unknown-element": ('<bpmn:callConversation id="c"/>', ("unknown-element", "c")),
    "python-script": (
        '<bpmn:scriptTask id="t"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>',
        ("unknown-element", "t"),
    ),
    "other-engine": (
        f'<bpmn:serviceTask id="t" {CAMUNDA7} camunda:class="Evil"/>', ("vendor-extension", "t")
    ),
    "unknown-attribute": ('<bpmn:task id="t" magic="1"/>', ("unknown-attribute", "t")),
    "unknown-reference": (
        (
            '<bpmn:intermediateThrowEvent id="t"><bpmn:signalEventDefinition signalRef="none"/>'
            "</bpmn:intermediateThrowEvent>"
        ),
        ("reference-unknown", "t"),
    ),
    "unknown-shared-definition": (
        (
            '<bpmn:intermediateCatchEvent id="t"><bpmn:eventDefinitionRef>none</bpmn:eventDefinitionRef>'
            "</bpmn:intermediateCatchEvent>"
        ),
        ("reference-unknown", "t"),
    ),
    "stranger-in-a-lane": (
        (
            '<bpmn:laneSet><bpmn:lane id="l" name="客服"><bpmn:flowNodeRef>x</bpmn:flowNodeRef>'
            "</bpmn:lane></bpmn:laneSet>"
        ),
        ("lane-member", "x"),
    ),
    "no-id": ("<bpmn:task/>", ("missing-id", None)),
}  # fmt: skip
