"""The same training twice: the loop written by hand, and `fit`."""

import glassnet as gn
from glassnet import data, losses, nn, optim

train, test = data.split(data.moons(600, seed=0), test=0.2, seed=0)


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)).initialise(0)


# By hand: batch, forward, loss, backward, step.
model = network()
optimizer = optim.Adam(model.parameters(), lr=0.02)
for epoch in range(1, 31):
    for rows in data.batches(len(train), batch_size=32, seed=0, epoch=epoch):
        x, y = gn.tensor(train.inputs[rows]), gn.tensor(train.targets[rows])
        logits = model(x)
        loss = losses.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
accuracy = (model.predict(test.inputs).argmax(1) == test.targets).mean()
print(f"by hand: {accuracy:.1%} of the test points right")

# With fit: the same flow, compiled into one program, with history and report.
model = network()
run = gn.fit(model, train, losses.cross_entropy, optim.Adam(lr=0.02), epochs=30, seed=0)
accuracy = (run.predict(test.inputs) == test.targets).mean()
print(f"with fit: {accuracy:.1%} of the test points right, in {run.seconds:.2f} s")
